//! The content of registries, over the OCI distribution protocol.

use crate::bench::Bench;
use crate::container_registry::*;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_is_not_what_its_digest_says_is_refused() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let server = "registry01.azurecr.io";
    let bearer = bearer(&bench, server, "repository:app:pull,push").await;
    let auth = [("authorization", bearer.as_str())];
    let wrong = digest(b"something else");
    let url = format!("{server}/v2/app/blobs/uploads/?digest={wrong}");
    let answer = call(&bench, Method::POST, &url, &auth, b"bytes".to_vec())
        .await
        .must(400);
    assert_eq!(answer.code(), "DIGEST_INVALID");
    let begin = format!("{server}/v2/app/blobs/uploads/");
    let begun = call(&bench, Method::POST, &begin, &auth, Vec::new())
        .await
        .must(202);
    let url = format!("{server}{}&digest={wrong}", begun.header("location"));
    let answer = call(&bench, Method::PUT, &url, &auth, b"bytes".to_vec())
        .await
        .must(400);
    assert_eq!(answer.code(), "DIGEST_INVALID");
    // The upload is over.
    call(&bench, Method::PUT, &url, &auth, Vec::new())
        .await
        .must(404);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", MANIFEST),
    ];
    let lacking = json!({"schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"digest": wrong, "size": 1}, "layers": []});
    let bytes = lacking.to_string().into_bytes();
    let url = format!("{server}/v2/app/manifests/v1");
    let answer = call(&bench, Method::PUT, &url, &headers, bytes)
        .await
        .must(404);
    assert_eq!(answer.code(), "MANIFEST_BLOB_UNKNOWN");
    let answer = call(&bench, Method::PUT, &url, &headers, b"{".to_vec())
        .await
        .must(400);
    assert_eq!(answer.code(), "MANIFEST_INVALID");
    let made = push(&bench, server, "app", "v1", json!({}), b"layer").await;
    let url = format!("{server}/v2/app/manifests/{made}");
    let bytes = call(&bench, Method::GET, &url, &auth, Vec::new())
        .await
        .must(200)
        .body;
    let url = format!("{server}/v2/app/manifests/{wrong}");
    let answer = call(&bench, Method::PUT, &url, &headers, bytes)
        .await
        .must(400);
    assert_eq!(answer.code(), "DIGEST_INVALID");
    let answer = call(&bench, Method::GET, &url, &auth, Vec::new())
        .await
        .must(404);
    assert_eq!(answer.code(), "MANIFEST_UNKNOWN");
    let url = format!("{server}/v2/app/manifests/v2");
    let answer = call(&bench, Method::GET, &url, &auth, Vec::new())
        .await
        .must(404)
        .json();
    assert_eq!(
        answer["errors"][0]["message"],
        "manifest tagged by \"v2\" is not found"
    );
    assert_eq!(answer["errors"][0]["detail"], json!({"Tag": "v2"}));
}

#[tokio::test]
async fn a_blob_comes_in_parts_goes_out_in_parts_and_moves_between_repositories() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let server = "registry01.azurecr.io";
    let scope = "repository:app:pull,push";
    let bearer = bearer(&bench, server, scope).await;
    let auth = [("authorization", bearer.as_str())];
    let begin = format!("{server}/v2/app/blobs/uploads/");
    let begun = call(&bench, Method::POST, &begin, &auth, Vec::new())
        .await
        .must(202);
    assert_eq!(begun.header("range"), "0-0");
    let url = format!("{server}{}", begun.header("location"));
    let part = |range: &'static str| [("authorization", bearer.as_str()), ("content-range", range)];
    let first = call(&bench, Method::PATCH, &url, &part("0-4"), b"01234".to_vec())
        .await
        .must(202);
    assert_eq!(first.header("range"), "0-4");
    let url = format!("{server}{}", first.header("location"));
    let late = call(&bench, Method::PATCH, &url, &part("7-9"), b"789".to_vec())
        .await
        .must(416);
    assert_eq!(late.code(), "RANGE_INVALID");
    let next = call(&bench, Method::PATCH, &url, &part("5-7"), b"567".to_vec())
        .await
        .must(202);
    assert_eq!(next.header("range"), "0-7");
    let told = call(&bench, Method::GET, &url, &auth, Vec::new())
        .await
        .must(204);
    assert_eq!(told.header("range"), "0-7");
    let digest = digest(b"0123456789");
    let url = format!("{url}&digest={digest}");
    call(&bench, Method::PUT, &url, &auth, b"89".to_vec())
        .await
        .must(201);
    let blob = format!("{server}/v2/app/blobs/{digest}");
    let head = call(&bench, Method::HEAD, &blob, &auth, Vec::new())
        .await
        .must(200);
    assert_eq!((head.header("content-length"), head.body.len()), ("10", 0));
    let ranged = [("authorization", bearer.as_str()), ("range", "bytes=2-4")];
    let some = call(&bench, Method::GET, &blob, &ranged, Vec::new())
        .await
        .must(206);
    assert_eq!(
        (some.body.as_slice(), some.header("content-range")),
        (&b"234"[..], "bytes 2-4/10")
    );
    let whole = call(&bench, Method::GET, &blob, &auth, Vec::new())
        .await
        .must(200);
    assert_eq!(whole.header("docker-content-digest"), digest);
    // Another repository does not have it until it is mounted, and only for who may pull it.
    let theirs = super::container_registry::bearer(&bench, server, "repository:b:pull,push").await;
    let theirs = [("authorization", theirs.as_str())];
    let other = format!("{server}/v2/b/blobs/{digest}");
    call(&bench, Method::GET, &other, &theirs, Vec::new())
        .await
        .must(404);
    let mount = format!("{server}/v2/b/blobs/uploads/?mount={digest}&from=app");
    call(&bench, Method::POST, &mount, &theirs, Vec::new())
        .await
        .must(202);
    call(&bench, Method::GET, &other, &theirs, Vec::new())
        .await
        .must(404);
    let scope = "repository:app:pull repository:b:pull,push";
    let both = super::container_registry::bearer(&bench, server, scope).await;
    let both = [("authorization", both.as_str())];
    call(&bench, Method::POST, &mount, &both, Vec::new())
        .await
        .must(201);
    call(&bench, Method::GET, &other, &both, Vec::new())
        .await
        .must(200);
}

#[tokio::test]
async fn lists_have_pages_and_deleting_takes_tags_along() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let server = "registry01.azurecr.io";
    for (name, tag) in [("app", "v1"), ("app", "v2"), ("team/app", "v1")] {
        push(
            &bench,
            server,
            name,
            tag,
            json!({"os": "linux"}),
            tag.as_bytes(),
        )
        .await;
    }
    let catalog = bearer(&bench, server, "registry:catalog:*").await;
    let auth = [("authorization", catalog.as_str())];
    let first = call(
        &bench,
        Method::GET,
        format!("{server}/v2/_catalog?n=1"),
        &auth,
        Vec::new(),
    );
    let first = first.await.must(200);
    assert_eq!(first.json(), json!({"repositories": ["app"]}));
    assert_eq!(
        first.header("link"),
        "</v2/_catalog?last=app&n=1&orderby=>; rel=\"next\""
    );
    let rest = call(
        &bench,
        Method::GET,
        format!("{server}/v2/_catalog?last=app&n=1"),
        &auth,
        vec![],
    );
    let rest = rest.await.must(200);
    assert_eq!(rest.json(), json!({"repositories": ["team/app"]}));
    assert_eq!(rest.header("link"), "");
    let scope = "repository:app:pull,metadata_read,delete";
    let bearer = bearer(&bench, server, scope).await;
    let auth = [("authorization", bearer.as_str())];
    let tags = format!("{server}/v2/app/tags/list");
    let answer = call(&bench, Method::GET, &tags, &auth, vec![])
        .await
        .must(200);
    assert_eq!(answer.json(), json!({"name": "app", "tags": ["v1", "v2"]}));
    let shown = call(
        &bench,
        Method::GET,
        format!("{server}/acr/v1/app/_manifests"),
        &auth,
        vec![],
    );
    let shown = shown.await.must(200).json();
    assert_eq!(shown["manifests"][0]["os"], "linux");
    let shown = call(
        &bench,
        Method::GET,
        format!("{server}/acr/v1/app/_tags/v1"),
        &auth,
        vec![],
    );
    let shown = shown.await.must(200).json();
    assert_eq!(shown["imageName"], "app");
    let digest = shown["tag"]["digest"].as_str().unwrap();
    let by_tag = format!("{server}/v2/app/manifests/v1");
    let refused = call(&bench, Method::DELETE, &by_tag, &auth, vec![])
        .await
        .must(405);
    assert_eq!(refused.code(), "UNSUPPORTED");
    let by_digest = format!("{server}/v2/app/manifests/{digest}");
    call(&bench, Method::DELETE, &by_digest, &auth, vec![])
        .await
        .must(202);
    call(&bench, Method::GET, &by_tag, &auth, vec![])
        .await
        .must(404);
    let answer = call(&bench, Method::GET, &tags, &auth, vec![])
        .await
        .must(200);
    assert_eq!(answer.json()["tags"], json!(["v2"]));
    call(
        &bench,
        Method::DELETE,
        &format!("{server}/acr/v1/app"),
        &auth,
        vec![],
    )
    .await
    .must(202);
    let gone = call(&bench, Method::GET, &tags, &auth, vec![])
        .await
        .must(404);
    assert_eq!(gone.code(), "NAME_UNKNOWN");
}
