use crate::lenient;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;

/// Declares one field for each trigger, and the way from its name to it.
macro_rules! triggers {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The forge's events that a hook wants. In an answer, those that its kind of hook has.
        #[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Default, Debug)]
        pub struct Triggers {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<bool>,)*
        }

        impl Triggers {
            /// The field of this name.
            pub fn field(&mut self, name: &str) -> Option<&mut Option<bool>> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

triggers! {
    /// A push; on by default.
    push_events,
    /// A tag.
    tag_push_events,
    /// An issue.
    issues_events,
    /// A confidential issue.
    confidential_issues_events,
    /// A comment.
    note_events,
    /// A confidential comment.
    confidential_note_events,
    /// A merge request.
    merge_requests_events,
    /// A job.
    job_events,
    /// A pipeline.
    pipeline_events,
    /// A wiki page.
    wiki_page_events,
    /// A deployment.
    deployment_events,
    /// A feature flag.
    feature_flag_events,
    /// A release.
    releases_events,
    /// A milestone.
    milestone_events,
    /// A reaction.
    emoji_events,
    /// An access token that is about to expire.
    resource_access_token_events,
    /// A deploy token that is about to expire.
    resource_deploy_token_events,
    /// A vulnerability.
    vulnerability_events,
    /// A member; group hooks.
    member_events,
    /// A subgroup; group hooks.
    subgroup_events,
    /// A project; group hooks.
    project_events,
    /// A repository; system hooks.
    repository_update_events,
}

/// By hand, so that an error names its field though the fields lie among the hook's own.
impl<'de> Deserialize<'de> for Triggers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Triggers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Triggers, A::Error> {
                let mut triggers = Triggers::default();
                while let Some(name) = map.next_key::<String>()? {
                    let value: Value = map.next_value()?;
                    if let Some(field) = triggers.field(&name) {
                        *field = lenient::switch_of(&value)
                            .map_err(|rule| A::Error::custom(format!("{name} is invalid: {rule}")))?;
                    }
                }
                Ok(triggers)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
