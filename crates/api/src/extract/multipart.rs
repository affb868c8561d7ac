//! Bodies of `curl --form`, the way in which GitLab's documentation writes many of its calls.

use super::form;
use axum::body::Bytes;
use serde_json::{Map, Value};
use std::convert::Infallible;

/// Adds the parts of a body to `fields`; a later one of the same name wins. A file counts as its text.
///
/// # Errors
/// A body that is no multipart form, in the library's words.
pub(crate) async fn merge(
    fields: &mut Map<String, Value>,
    content_type: &str,
    body: Bytes,
) -> Result<(), multer::Error> {
    let boundary = multer::parse_boundary(content_type)?;
    let mut parts = multer::Multipart::new(tokio_stream::once(Ok::<_, Infallible>(body)), boundary);
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        form::merge_pair(fields, &name, part.text().await?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::{Map, Value, json};

    async fn read(content_type: &str, body: &'static str) -> Result<Value, String> {
        let mut fields = Map::new();
        let merged = merge(&mut fields, content_type, body.into()).await;
        merged.map(|()| Value::Object(fields)).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn parts_are_fields_and_what_is_broken_is_refused() {
        let form = "multipart/form-data; boundary=XX";
        let part = "--XX\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttp://a/?b=c&d\r\n";
        assert_eq!(read(form, "--XX--\r\n").await, Ok(json!({})));
        let whole: &'static str = format!("{part}--XX--\r\n").leak();
        assert_eq!(read(form, whole).await, Ok(json!({ "url": "http://a/?b=c&d" })));
        let nested = "--XX\r\nContent-Disposition: form-data; name=\"a[b][]\"\r\n\r\n1\r\n--XX--\r\n";
        assert_eq!(read(form, nested).await, Ok(json!({ "a": { "b": ["1"] } })));
        for (content_type, body) in [
            (form, part),
            (form, "nothing"),
            ("multipart/form-data", whole),
            ("multipart/form-data; boundary=", whole),
        ] {
            assert!(read(content_type, body).await.is_err(), "{content_type} {body}");
        }
    }
}
