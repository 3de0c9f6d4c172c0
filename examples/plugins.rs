//! Plugins that connect to several signals, are unloaded at once, and are found out if they panic.
//!
//! ```text
//! cargo run --example plugins
//! ```

use smoke_signal::{ByMut, ByRef, Connection, ScopedConnection, Signal};

/// Emitted with each text before it is published. Plugins change it.
static EDIT: Signal<(ByMut<String>,)> = Signal::new();
/// Emitted with each text afterwards. A plugin that fails says why.
static PUBLISHED: Signal<(ByRef<str>,), Result<(), String>> = Signal::new();

/// A plugin is what it is connected to, and is unloaded when this is dropped.
struct Plugin {
    name: &'static str,
    publishes: Option<Connection>,
    _connections: Vec<ScopedConnection>,
}

fn censor() -> Plugin {
    Plugin {
        name: "censor",
        publishes: None,
        _connections: vec![EDIT.connect_scoped(|text| *text = text.replace("darn", "****"))],
    }
}

fn shout() -> Plugin {
    let last = EDIT.options().group(10);
    Plugin {
        name: "shout",
        publishes: None,
        _connections: vec![last.connect_scoped(|text| *text = text.to_uppercase())],
    }
}

fn mail(limit: usize) -> Plugin {
    let slot = PUBLISHED.connect(move |text| {
        assert!(!text.is_empty(), "nobody thought of that");
        if text.len() > limit {
            return Err(format!("{} bytes are too long for a mail", text.len()));
        }
        println!("  mailed: {text}");
        Ok(())
    });
    Plugin {
        name: "mail",
        publishes: Some(slot),
        _connections: vec![PUBLISHED.scoped(slot)],
    }
}

/// Publishes a text, and unloads the plugins that panic.
fn publish(text: &str, plugins: &mut Vec<Plugin>) {
    let mut text = text.to_owned();
    EDIT.emit(&mut text);
    println!("published: {text:?}");
    for (slot, outcome) in PUBLISHED.calls(&text).catch_unwind().keyed() {
        let is_blamed = |plugin: &Plugin| plugin.publishes == Some(slot);
        let name = plugins.iter().find(|plugin| is_blamed(plugin));
        let name = name.map_or("somebody", |plugin| plugin.name);
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(why)) => println!("  {name}: {why}"),
            Err(_) => {
                println!("  {name} panicked, and is unloaded");
                plugins.retain(|plugin| !is_blamed(plugin));
            }
        }
    }
}

fn main() {
    // The panic below is expected, so its message is left out.
    std::panic::set_hook(Box::new(|_| ()));
    let mut plugins = vec![shout(), censor(), mail(20)];
    publish("darn rain", &mut plugins);
    publish("no end of this darn rain in sight", &mut plugins);
    publish("", &mut plugins);
    println!(
        "left: {:?}",
        Vec::from_iter(plugins.iter().map(|plugin| plugin.name))
    );
    plugins.clear();
    assert!(EDIT.is_empty() && PUBLISHED.is_empty());
}
