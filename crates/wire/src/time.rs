use serde::{Serialize, Serializer};
use std::borrow::Cow;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use utoipa::{PartialSchema, ToSchema};
use wigwag_base::Timestamp;

/// Characters of the date part of a time's text: `2026-01-31`.
const DATE_CHARACTERS: usize = 10;

/// A point in time as text in UTC: `2026-01-31T12:00:00.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        text_schema(KnownFormat::DateTime)
    }
}

impl ToSchema for Time {
    fn name() -> Cow<'static, str> {
        "Time".into()
    }
}

/// A day in UTC: `2026-01-31`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Date(pub Timestamp);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        serializer.serialize_str(text.get(..DATE_CHARACTERS).unwrap_or(&text))
    }
}

impl PartialSchema for Date {
    fn schema() -> RefOr<Schema> {
        text_schema(KnownFormat::Date)
    }
}

impl ToSchema for Date {
    fn name() -> Cow<'static, str> {
        "Date".into()
    }
}

fn text_schema(format: KnownFormat) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format))).into()
}

#[cfg(test)]
mod tests {
    use super::{Date, Time};
    use wigwag_base::Timestamp;

    #[test]
    fn times_read_as_text() {
        let at = Timestamp::from_millis(951_782_399_999);
        assert_eq!(serde_json::to_string(&Time(at)).unwrap(), r#""2000-02-28T23:59:59.999Z""#);
        assert_eq!(serde_json::to_string(&Date(at)).unwrap(), r#""2000-02-28""#);
    }
}
