//! The commands of tree-sitter-bash's tree.

use tree_sitter::{Node, Parser};

/// The words of each command in the order of their places, unless the tree has an error.
pub(crate) fn commands(text: &str) -> Option<Vec<Vec<String>>> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .ok()?;
    let tree = parser.parse(text, None)?;
    if tree.root_node().has_error() {
        return None;
    }
    let mut found = Vec::new();
    visit(tree.root_node(), text, &mut found);
    found.sort_by_key(|(start, _)| *start);
    Some(found.into_iter().map(|(_, words)| words).collect())
}

/// Whether what a word begins is no `command` to tree-sitter.
pub(crate) fn is_other_construct(name: &str) -> bool {
    matches!(
        name,
        "export" | "declare" | "typeset" | "local" | "readonly" | "unset" | "[" | "unsetenv"
    )
}

fn visit(node: Node<'_>, text: &str, found: &mut Vec<(usize, Vec<String>)>) {
    if node.kind() == "command" {
        let mut cursor = node.walk();
        let mut words = Vec::new();
        let mut start = node.start_byte();
        if cursor.goto_first_child() {
            loop {
                let child = cursor.node();
                let other = [
                    "variable_assignment",
                    "file_redirect",
                    "herestring_redirect",
                ];
                if child.is_named() && !other.contains(&child.kind()) {
                    if words.is_empty() {
                        start = child.start_byte();
                    }
                    words.push(text[child.byte_range()].to_owned());
                }
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        if !words.is_empty() {
            found.push((start, words));
        }
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        visit(child, text, found);
    }
}
