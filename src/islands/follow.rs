//! Makes the open page what a fetched one is, touching only what differs.
//!
//! Elements are paired by their kind: tag, id and first class. What is paired stays the same element, so that it keeps the
//! focus, a selection, what was typed and whether it is open. Islands have a life of their own and are left alone.

use super::pairs::pairs;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

/// Makes `open` what `fetched` is.
pub fn follow(open: &Element, fetched: &Element) {
    if open.tag_name() == "LEPTOS-ISLAND" || open.is_equal_node(Some(fetched)) {
        return;
    }
    attributes(open, fetched);
    children(open, fetched);
}

fn attributes(open: &Element, fetched: &Element) {
    for name in names(fetched) {
        let value = fetched.get_attribute(&name).unwrap_or_default();
        if open.get_attribute(&name).as_ref() != Some(&value) {
            // The name is one that the browser itself has read.
            _ = open.set_attribute(&name, &value);
        }
    }
    for name in names(open) {
        // What a reader opened stays open.
        let is_readers = name == "open" && open.tag_name() == "DETAILS";
        if !is_readers && !fetched.has_attribute(&name) {
            _ = open.remove_attribute(&name);
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

fn children(open: &Element, fetched: &Element) {
    let (old, new) = (nodes(open), nodes(fetched));
    let paired = pairs(&kinds(&old), &kinds(&new));
    for (at, node) in old.iter().enumerate() {
        if !paired.contains(&Some(at)) {
            // It is still a child: nothing else changes this list.
            _ = open.remove_child(node);
        }
    }
    let mut before: Option<Node> = None;
    for (node, at) in new.iter().zip(&paired).rev() {
        if let Some(kept) = at.and_then(|at| old.get(at)) {
            one(kept, node);
            before = Some(kept.clone());
        } else if let Ok(copy) = document().import_node_with_deep(node, true) {
            _ = open.insert_before(&copy, before.as_ref());
            before = Some(copy);
        }
    }
}

fn one(open: &Node, fetched: &Node) {
    if let (Some(open), Some(fetched)) = (open.dyn_ref::<Element>(), fetched.dyn_ref::<Element>()) {
        follow(open, fetched);
    } else if open.node_value() != fetched.node_value() {
        open.set_node_value(fetched.node_value().as_deref());
    }
}

fn nodes(of: &Element) -> Vec<Node> {
    let list = of.child_nodes();
    (0..list.length()).filter_map(|at| list.item(at)).collect()
}

fn kinds(nodes: &[Node]) -> Vec<String> {
    nodes.iter().map(kind).collect()
}

fn kind(node: &Node) -> String {
    let Some(element) = node.dyn_ref::<Element>() else { return node.node_name() };
    // Attributes, since the properties may be something else: a drawing's `className`, a form's `id` that has a field of that name.
    let id = element.get_attribute("id").unwrap_or_default();
    let class = element.get_attribute("class").unwrap_or_default();
    format!("{}#{id}.{}", element.tag_name(), class.split_whitespace().next().unwrap_or_default())
}
