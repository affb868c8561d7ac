//! Watches one flag and prints when its value was new: `WIGWAG_TOKEN=... watch URL FLAG [ENVIRONMENT]`. Each line is `on`
//! or `off` and the time in milliseconds since 1970. It ends with its input.

#![allow(clippy::print_stdout, reason = "an example talks to its terminal")]

use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::AsyncReadExt;
use wigwag_client::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(flag)) = (arguments.next(), arguments.next()) else {
        return Err("WIGWAG_TOKEN=... watch URL FLAG [ENVIRONMENT]".into());
    };
    let mut builder = Client::builder(url).token(std::env::var("WIGWAG_TOKEN")?);
    if let Some(environment) = arguments.next() {
        builder = builder.environment(environment);
    }
    let client = builder.connect();
    let flag = client.handle(flag);
    let mut changes = client.subscribe();
    client.ready().await;

    let mut input = tokio::io::stdin();
    let (mut byte, mut known) = ([0], None);
    loop {
        let enabled = flag.is_enabled(&[]);
        if known.replace(enabled) != Some(enabled) {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            println!("{} {:.3}", if enabled { "on" } else { "off" }, now.as_secs_f64() * 1000.0);
        }
        tokio::select! {
            changed = changes.changed() => changed?,
            _ = input.read(&mut byte) => break,
        }
    }
    client.shutdown().await;
    Ok(())
}
