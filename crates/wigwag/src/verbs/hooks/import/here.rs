//! Where hooks go: what is there already, and making what is not.

use super::origin::Place;
use super::plan::{Wanted, without_mask};
use crate::verbs::client::{Answered, Client};
use anyhow::{Context, Result, anyhow};
use serde_json::Value;

/// One place of the server that hooks go to.
pub(super) struct Here<'a> {
    client: &'a Client,
    path: String,
    /// What is there and stands for no hook of the other server yet.
    rest: Vec<Value>,
}

impl<'a> Here<'a> {
    /// Asks what is there.
    pub(super) fn ask(client: &'a Client, place: &Place) -> Result<Self> {
        let path = place.hooks_path(&place.to);
        let rest = client.all(&path).map_err(|error| {
            match error.downcast_ref::<Answered>().map(|answered| answered.status) {
                Some(404) => anyhow!(
                    "there is no {} {} here that you may look after; make it first, or --into says where",
                    place.kind_word(),
                    place.to
                ),
                _ => error.context("cannot tell which hooks are here already"),
            }
        })?;
        Ok(Self { client, path, rest })
    }

    /// The hook that is there already with this URL and name. Each stands for one: two alike are two.
    pub(super) fn take_same(&mut self, wanted: &Wanted) -> Option<(i64, Value)> {
        let same = |hook: &Value| {
            let url = without_mask(hook["url"].as_str().unwrap_or_default());
            url == wanted.url && hook["name"].as_str().unwrap_or_default() == wanted.name
        };
        let at = self.rest.iter().position(same)?;
        let hook = self.rest.swap_remove(at);
        Some((hook["id"].as_i64()?, hook))
    }

    /// Makes it.
    pub(super) fn make(&self, wanted: &Wanted) -> Result<i64> {
        let made = self.client.post(&self.path, &wanted.body)?;
        made["id"].as_i64().context("the server's answer is no hook")
    }
}
