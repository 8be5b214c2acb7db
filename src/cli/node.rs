//! `padlock node`.

use super::args::NodeCommand;
use super::print::Out;
use super::{Ended, Failed, Stop};
use crate::console::Console;
use crate::store::Node;
use serde_json::{Value, json};

/// `padlock node …`
///
/// # Errors
/// When the database fails.
pub async fn run(console: &Console, command: NodeCommand, out: &Out) -> Result<Ended, Stop> {
    let NodeCommand::List = command;
    let now = console.clock.now();
    let nodes = console.store.nodes(now).await.map_err(Failed::from)?;
    let edge = |node: &Node| node.edge.map(|address| address.to_string());
    let told = |node: &Node| {
        json!({
            "name": node.name, "version": node.version, "roles": node.roles.split(',').collect::<Vec<_>>(),
            "edge": edge(node), "up_seconds": now.since(node.started_at) / 1_000,
        })
    };
    out.answer(&json!({ "nodes": nodes.iter().map(told).collect::<Vec<Value>>() }), |_| {
        nodes
            .iter()
            .map(|node| {
                format!("{}  {}  {}  {}\n", node.name, node.version, node.roles, edge(node).unwrap_or_default())
            })
            .collect()
    });
    Ok(Ended::Fine)
}
