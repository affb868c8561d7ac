//! What a request brings, read once: who asks, the parameters, the body.

mod at;
mod body;
mod caller;
mod environment;
mod form;
mod keys;
mod multipart;
mod v1;
mod v4;

pub(crate) use at::At;
pub(crate) use body::{BodyError, media_type, read as read_body};
pub(crate) use caller::private_token;
pub(crate) use environment::environment;
pub(crate) use keys::{ProjectRef, group_key, project_key, source_of_group, source_of_project, user_key};
pub(crate) use v1::{Caller, CalloutCaller, FormBody, JsonBody, Paged, Query, broken};
pub(crate) use v4::V4;

/// What is wrong with a value, without the value: it may be a secret in the wrong place.
fn unquoted(error: &str) -> String {
    let (Some(start), Some(end)) = (error.find(": string \""), error.rfind("\", expected ")) else {
        return error.to_owned();
    };
    match end > start {
        true => format!("{}: a text{}", &error[..start], &error[end + 1..]),
        false => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn the_words_of_an_error_repeat_no_value() {
        let check = |error, shown| assert_eq!(unquoted(error), shown);
        check(
            r#"invalid type: string "s3cr3t", expected a sequence"#,
            "invalid type: a text, expected a sequence",
        );
        check(
            r#"invalid type: string "a\", expected b: string \"", expected u8"#,
            "invalid type: a text, expected u8",
        );
        check("invalid type: map, expected a sequence", "invalid type: map, expected a sequence");
        check("missing field `name`", "missing field `name`");
    }
}
