//! Reading payloads: as fast as serde reads, but by the rules of other clients.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

/// Reads a payload of shape `T`, which must be an object. Of a repeated key the last one counts, as
/// in other clients; keys that `T` does not know are ignored.
///
/// Nearly every payload is read straight from its text. Serde's structs refuse repeated keys, so
/// whatever was refused is read once more from a map that holds the last value of each key.
pub fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    read_directly(json).or_else(|_| read_last_of_each(json))
}

fn read_directly<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = T::deserialize(Object(&mut deserializer))?;
    deserializer.end()?;
    Ok(value)
}

fn read_last_of_each<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    let fields: BTreeMap<Cow<'a, str>, &'a RawValue> = serde_json::from_str(json)?;
    T::deserialize(MapDeserializer::new(fields.into_iter()))
}

/// Hands out the entries of an object, whatever was asked for, exactly as a [`MapDeserializer`]
/// does. By itself, serde would read a struct from an array as well.
struct Object<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Object<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::TestCaseError;

    use super::super::*;
    use super::*;

    #[track_caller]
    fn reads<T: for<'a> Deserialize<'a> + std::fmt::Debug + PartialEq>(json: &str, expected: &T) {
        assert_eq!(&read::<T>(json).unwrap(), expected, "{json}");
    }

    #[track_caller]
    fn refused<T: for<'a> Deserialize<'a> + std::fmt::Debug>(json: &str) {
        assert!(read::<T>(json).is_err(), "{json} was read");
    }

    #[test]
    fn the_last_of_a_repeated_key_counts_whatever_the_others_were() {
        reads(
            r#"{"message":[1],"recipient":7,"message":"hi","recipient":"x"}"#,
            &Response { message: "hi".into(), recipient: "x".into(), auto: false },
        );
        refused::<Response>(r#"{"message":"hi","recipient":"x","recipient":7}"#);
        reads(r#"{"typing":1,"typing":true}"#, &Typing { typing: true, recipient: None });
    }

    #[test]
    fn only_objects_are_read() {
        for json in ["null", "7", r#""x""#, "[]", "[true]", r#"[["typing",true]]"#] {
            refused::<Typing>(json);
            refused::<Join>(json);
            refused::<Nothing>(json);
        }
        refused::<Typing>(r#"{"typing":true} x"#);
        reads(r#" {"typing":true} "#, &Typing { typing: true, recipient: None });
        refused::<Option<Typing>>(r#"{"typing":true}"#); // as from a map
        refused::<ReplyStatus>(r#"{"ok":null}"#);
    }

    /// Both ways of reading agree wherever the direct one reads anything.
    fn agree<T: for<'a> Deserialize<'a> + std::fmt::Debug + PartialEq>(
        json: &str,
    ) -> Result<(), TestCaseError> {
        if let Ok(direct) = read_directly::<T>(json) {
            prop_assert_eq!(direct, read_last_of_each::<T>(json).unwrap(), "{}", json);
        }
        Ok(())
    }

    /// Objects and other JSON that nearly fit the shapes, with repeated, escaped and unknown keys.
    fn nearly_a_payload() -> impl Strategy<Value = String> {
        let key = prop_oneof![
            8 => prop::sample::select(vec![
                "name", "status", "user", "message", "recipient", "auto", "typing", "state", "text", "id",
                "answer", "presence", "phx_ref", "online_at", "metas", "n\\u0061me", "other",
                "resumable", "resume", "history", "token", "epoch", "seq", "before", "msg_id",
            ]).prop_map(str::to_owned),
            1 => "[a-c]{0,2}",
        ];
        let value = prop_oneof![
            4 => r#""[a-z]{0,3}""#,
            2 => prop::sample::select(vec![
                "null", "true", "false", "7", "1.50", "[]", "{}", " [ 1 ] ", r#""away""#, r#"{"state":"dnd"}"#,
                r#"{"state":"here","state":"idle","text":null}"#, r#"["here","x"]"#, r#""\u0061""#,
                r#""3e04cb4a-ccdf-40ee-bf05-9e047e1f8277""#, r#"{"metas":[]}"#, "[[]]",
            ]).prop_map(str::to_owned),
        ];
        let field = (key, value).prop_map(|(key, value)| format!(r#""{key}" :{value}"#));
        (prop::collection::vec(field, 0..6), prop::sample::select(vec!["{}", "[]", " {} ", "{}x"]))
            .prop_map(|(fields, around)| {
                let middle = around.find(['}', ']']).unwrap();
                format!("{}{}{}", &around[..middle], fields.join(","), &around[middle..])
            })
    }

    proptest! {
        #[test]
        fn reading_directly_never_differs_from_reading_by_way_of_a_map(json in nearly_a_payload()) {
            agree::<Join>(&json)?;
            agree::<Status>(&json)?;
            agree::<Helo>(&json)?;
            agree::<Welcome>(&json)?;
            agree::<Resume>(&json)?;
            agree::<HistoryRequest>(&json)?;
            agree::<NewUser>(&json)?;
            agree::<Response>(&json)?;
            agree::<Broadcast>(&json)?;
            agree::<Typing>(&json)?;
            agree::<Meta>(&json)?;
            agree::<Metas>(&json)?;
            agree::<PresenceDiff>(&json)?;
            agree::<Nothing>(&json)?;
            agree::<Option<Join>>(&json)?;
            agree::<BTreeMap<String, serde_json::Value>>(&json)?;
            agree::<serde_json::Value>(&json)?;
            agree::<Vec<(String, serde_json::Value)>>(&json)?;
        }
    }
}
