"""Stands in for the hello-world images of the documents: one page, on port 80."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!DOCTYPE html><title>Hello</title><h1>Your container is running</h1>\n"


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


print("Listening on port 80", flush=True)
ThreadingHTTPServer(("", 80), Hello).serve_forever()
