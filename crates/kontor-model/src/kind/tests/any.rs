//! Any value of any kind, for property tests.

use super::*;

/// An object with texts for some of the parts.
fn object(parts: &'static [&'static str], text: &'static str) -> BoxedStrategy<Value> {
    proptest::collection::vec(text, parts.len())
        .prop_map(move |texts| {
            let pairs = parts.iter().zip(texts).map(|(name, text)| (*name, text.trim().to_owned()));
            let object: serde_json::Map<String, Json> = pairs
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name.to_owned(), Json::from(text)))
                .collect();
            if object.is_empty() { Value::Empty } else { Value::Json(Json::Object(object)) }
        })
        .boxed()
}

/// Any JSON that is not empty.
fn any_json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[ -~中]{1,12}".prop_map(Json::from),
        Just(json!(0.1)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::vec(("[a-z]{1,4}", inner), 0..4)
                .prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
        ]
    })
    .boxed()
}

/// A code with the digit that checks it.
fn barcode() -> BoxedStrategy<Value> {
    let checked = |digits: String| {
        let sum: u32 = digits
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 0 { 3 } else { 1 })
            .sum();
        format!("{digits}{}", (10 - sum % 10) % 10)
    };
    prop_oneof![
        "[0-9]{12}".prop_map(checked),
        "[0-9]{11}".prop_map(checked),
        "[0-9]{7}".prop_map(checked),
        "[A-Z][A-Z0-9]{0,20}".prop_map(|text: String| text),
    ]
    .prop_map(Value::text)
    .boxed()
}

fn value(kind: &'static str) -> BoxedStrategy<Value> {
    let text = |pattern: &'static str| pattern.prop_map(|text: String| Value::text(text.trim())).boxed();
    let options = |field: &str| values_of(field);
    match kind {
        "text" => text("[ -~ä中\u{300}]{0,40}"),
        "long_text" => text("[ -~ä中\n]{0,80}"),
        "email" => text("[a-z0-9]{1,3}(\\.[a-z]{1,3})?@[a-z]{1,8}\\.(com|公司)"),
        "phone" => text("\\+[0-9]{2} [0-9]{3}-[0-9]{4}"),
        "url" => text("https://[a-z]{1,9}\\.[a-z]{2,3}/[a-z0-9?=&]{0,9}"),
        "autonumber" => text("INV-[0-9]{4}"),
        "markdown" | "code" => text("[ -~ä中\n#*]{0,80}"),
        "time" => (0u32..86_400)
            .prop_map(|second| {
                let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap();
                Value::text(time.format("%H:%M:%S").to_string())
            })
            .boxed(),
        "duration" => (0i64..100_000_000).prop_map(Value::Integer).boxed(),
        "rating" => (1i64..=5).prop_map(Value::Integer).boxed(),
        "color" => text("#[0-9a-f]{6}"),
        "barcode" => barcode(),
        "tags" => proptest::collection::btree_set("[a-z中]{1,6}( [a-z]{1,3})?", 1..5)
            .prop_map(|tags| Value::List(tags.into_iter().collect()))
            .boxed(),
        "address" => {
            (object(&["street", "city", "postal_code", "region"], "[ -~ä中|\n]{0,12}"), value("country"))
                .prop_map(|(value, country)| match value {
                    Value::Json(Json::Object(mut object)) => {
                        object.insert("country".into(), country.as_text().unwrap().into());
                        Value::Json(Json::Object(object))
                    }
                    other => other,
                })
                .boxed()
        }
        "country" => proptest::sample::select(crate::country::all("zh-CN"))
            .prop_map(|(code, _)| Value::text(code))
            .boxed(),
        "person_name" => {
            object(&["family", "given", "middle", "prefix", "suffix"], "([A-Za-z中王. ,]{0,9})?")
        }
        "geo_point" => (-90_000_000i64..=90_000_000, -180_000_000i64..=180_000_000)
            .prop_map(|(lat, lon)| {
                let number = |units: i64| number::to_json(Decimal::new(units, 6).normalized());
                Value::Json(json!({ "lat": number(lat), "lon": number(lon) }))
            })
            .boxed(),
        "file" => files(1, "application/pdf").boxed(),
        "files" => files(5, "image/png").boxed(),
        "image" | "signature" => files(1, "image/jpeg").boxed(),
        "json" => any_json().prop_map(Value::Json).boxed(),
        "secret" => Just(Value::Secret(crate::value::Secret::Kept)).boxed(),
        "integer" => (0i64..i64::MAX).prop_map(Value::Integer).boxed(),
        "decimal" => any::<i64>().prop_map(|units| Value::Decimal(Decimal::new(units, 3))).boxed(),
        "percent" => (0i64..=1_000_000).prop_map(|units| Value::Decimal(Decimal::new(units, 4))).boxed(),
        "money" => (0i64..i64::MAX).prop_map(|units| Value::Decimal(Decimal::new(units, 4))).boxed(),
        "boolean" => any::<bool>().prop_map(Value::Boolean).boxed(),
        "date" => (1i32..=3_650_000)
            .prop_map(|day| Value::Date(NaiveDate::from_num_days_from_ce_opt(day).unwrap()))
            .boxed(),
        "datetime" => (-60_000_000_000_000i64..250_000_000_000_000)
            .prop_map(|milliseconds| Value::DateTime(Utc.timestamp_millis_opt(milliseconds).unwrap()))
            .boxed(),
        "currency" => proptest::sample::select(crate::currency::codes().collect::<Vec<_>>())
            .prop_map(Value::text)
            .boxed(),
        "choice" => proptest::sample::select(options("choice")).prop_map(Value::text).boxed(),
        "multi_choice" => {
            proptest::sample::subsequence(options("multi_choice"), 1..=2).prop_map(Value::List).boxed()
        }
        "any_link" => (any::<u128>(), any::<bool>())
            .prop_map(|(id, is_user)| {
                let entity = if is_user { "user" } else { "team" };
                Value::AnyLink(AnyLink { entity: entity.into(), id: Uuid::from_u128(id) })
            })
            .boxed(),
        _ => any::<u128>().prop_map(|id| Value::Id(Uuid::from_u128(id))).boxed(),
    }
}

/// Up to so many files of a type.
fn files(most: usize, media_type: &'static str) -> impl Strategy<Value = Value> {
    let one = (1..u128::MAX, "[ -~中]{1,20}", 0..5_000_000_u64, any::<bool>());
    proptest::collection::vec(one, 1..=most).prop_map(move |files| {
        let files = files.into_iter().map(|(id, name, size, has_pixels)| HeldFile {
            id: Uuid::from_u128(id),
            name,
            size,
            media_type: media_type.to_owned(),
            pixels: has_pixels.then_some((640, 480)),
            signed: None,
        });
        Value::Files(files.collect())
    })
}

fn values_of(name: &str) -> Vec<String> {
    field(name).definition.one_of.iter().map(|option| option.value.clone()).collect()
}

/// Every kind with a value of it.
pub(super) fn any_value() -> impl Strategy<Value = (&'static str, Value)> {
    let kinds: Vec<&'static str> =
        KINDS.iter().filter(|kind| !kind.is_internal() && !kind.is_list()).map(|kind| kind.name()).collect();
    proptest::sample::select(kinds).prop_flat_map(|kind| value(kind).prop_map(move |value| (kind, value)))
}
