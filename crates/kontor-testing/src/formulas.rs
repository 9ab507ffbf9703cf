//! Random expressions of formulas, typed, in their source form, for the tests that hold memory, the databases and
//! scripts together: all of them draw from here.
//!
//! For scripts, some things are left out, because the two languages differ there and mean to:
//! - a whole number is not divided by a whole number: Rhai cuts what is left (`7 / 2` is 3), and says so in its
//!   description; literals with a point are binary among themselves, so one side is always exact;
//! - what is empty stops a script where a formula is empty, and `&&`, `||` look at their second side only when they
//!   need it; so nothing that may be empty is drawn but as what `coalesce`, `is_empty` and `== ()` look at;
//! - texts are ordered by their bytes in Rhai and as lists order them in formulas; a number joined to a text has the
//!   digits of its field in Rhai and no zeros that say nothing in formulas (whole numbers and days are the same);
//! - `trim`, `replace`, `contains`, `starts_with` are methods of Rhai's own texts: they change the text in place, and
//!   mind capitals. Scripts have `text::trim`, `text::contains`;
//! - amounts in several currencies are converted by formulas; a script sees the numbers.

use proptest::prelude::*;

/// A strategy of sources.
pub type Text = BoxedStrategy<String>;

/// What may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Everything that formulas have.
    Formulas,
    /// What scripts have too, with the same meaning.
    Scripts,
}

/// The names that expressions are made of, by type.
#[derive(Clone, Debug)]
pub struct Names {
    /// Exact numbers with digits after the point.
    pub numbers: Vec<&'static str>,
    /// Whole numbers.
    pub wholes: Vec<&'static str>,
    /// Yes or no.
    pub flags: Vec<&'static str>,
    /// Texts.
    pub texts: Vec<&'static str>,
    /// Days.
    pub days: Vec<&'static str>,
    /// Moments.
    pub moments: Vec<&'static str>,
    /// An exact number, a text and a day that may be empty.
    pub empty: [&'static str; 3],
}

/// Sources by the type of what they give.
#[derive(Clone, Debug)]
pub struct Expressions {
    /// Exact numbers.
    pub number: Text,
    /// Whole numbers, which Rhai keeps apart.
    pub whole: Text,
    /// Yes or no.
    pub flag: Text,
    /// Texts.
    pub text: Text,
    /// Days.
    pub day: Text,
    /// Moments.
    pub moment: Text,
}

fn pick(list: &[&'static str]) -> Text {
    proptest::sample::select(list.to_vec()).prop_map(str::to_owned).boxed()
}

/// Two sides and an operator; with brackets mostly, and without them for the sake of precedence.
fn two(left: &Text, right: &Text, marks: &'static [&'static str]) -> Text {
    (left.clone(), proptest::sample::select(marks), right.clone(), 0_u8..3)
        .prop_map(|(left, mark, right, brackets)| {
            if brackets == 0 { format!("{left} {mark} {right}") } else { format!("({left} {mark} {right})") }
        })
        .boxed()
}

/// Two sides that stay what they are, whatever stands around them.
fn apart(left: &Text, right: &Text, marks: &'static [&'static str]) -> Text {
    (left.clone(), proptest::sample::select(marks), right.clone())
        .prop_map(|(left, mark, right)| format!("(({left}) {mark} ({right}))"))
        .boxed()
}

fn quotient(left: &Text, right: &Text) -> Text {
    apart(left, right, &["/"])
}

fn call(name: &'static str, arguments: &[&Text]) -> Text {
    let arguments: Vec<Text> = arguments.iter().map(|argument| (*argument).clone()).collect();
    arguments.prop_map(move |arguments| format!("{name}({})", arguments.join(", "))).boxed()
}

fn choose(when: &Text, of: &Text) -> Text {
    (when.clone(), of.clone(), of.clone())
        .prop_map(|(when, then, other)| format!("(if {when} {{ {then} }} else {{ {other} }})"))
        .boxed()
}

fn either(weighted: Vec<(u32, Text)>) -> Text {
    proptest::strategy::Union::new_weighted(weighted).boxed()
}

/// Expressions of some depth.
#[allow(clippy::too_many_lines, clippy::many_single_char_names, reason = "one table of what is drawn")]
pub fn expressions(names: &Names, share: Share, depth: u32) -> Expressions {
    let all = share == Share::Formulas;
    let [empty_number, empty_text, empty_day] = names.empty;
    let literal = pick(&["2.5", "0.5", "0.00000001", "12.25"]);
    let mut made = Expressions {
        number: pick(&names.numbers),
        whole: either(vec![(2, pick(&names.wholes)), (1, pick(&["0", "1", "7", "100", "-3"]))]),
        flag: either(vec![
            (2, pick(&names.flags)),
            (1, pick(&["true", "false"])),
            (
                1,
                (pick(&names.empty), 0_u8..3)
                    .prop_map(|(name, how)| match how {
                        0 => format!("is_empty({name})"),
                        1 => format!("({name} == ())"),
                        _ => format!("({name} != ())"),
                    })
                    .boxed(),
            ),
        ]),
        text: either(vec![(2, pick(&names.texts)), (1, pick(&["\"a\"", "\"B c\"", "\" \"", "\"\u{dc}\""]))]),
        day: either(vec![(3, pick(&names.days)), (1, pick(&["today()"]))]),
        moment: either(vec![(3, pick(&names.moments)), (1, pick(&["now()"]))]),
    };
    for _ in 0..depth {
        let Expressions { number: n, whole: i, flag: f, text: s, day: d, moment: w } = made.clone();
        // Either sort of number, where a function takes both.
        let x = either(vec![(2, n.clone()), (1, i.clone())]);
        // No letters are an empty text.
        let some = if all { x.clone() } else { call("max", &[&pick(&["1"]), &x]) };
        let mut numbers = vec![
            (2, n.clone()),
            (4, two(&n, &x, &["+", "-", "*", "%"])),
            (1, two(&x, &n, &["+", "-", "*", "%"])),
            (1, apart(&n, &literal, &["+", "-", "*"])),
            (2, quotient(&n, &x)),
            (1, quotient(&x, &n)),
            (1, quotient(&n, &literal)),
            (1, n.clone().prop_map(|inner| format!("(-{inner})")).boxed()),
            (1, call("abs", &[&n])),
            (1, (n.clone(), 0_u8..5).prop_map(|(inner, digits)| format!("round({inner}, {digits})")).boxed()),
            (1, call("round", &[&n])),
            (1, call("floor", &[&n])),
            (1, call("ceil", &[&n])),
            (1, call("min", &[&n, &x])),
            (1, call("max", &[&n, &x, &n])),
            (1, call("coalesce", &[&pick(&[empty_number]), &n])),
            (1, call("length", &[&s])),
            (1, call("days_between", &[&d, &d])),
            (1, call("days_between", &[&w, &d])),
            (1, call("year", &[&d])),
            (1, call("month", &[&d])),
            (1, call("day", &[&w])),
            (1, choose(&f, &n)),
        ];
        let mut wholes = vec![
            (2, i.clone()),
            (2, two(&i, &i, &["+", "-", "*"])),
            (1, call("min", &[&i, &i])),
            (1, call("max", &[&i, &i])),
            (1, choose(&f, &i)),
        ];
        let mut flags = vec![
            (1, f.clone()),
            (3, two(&n, &x, &["<", "<=", ">", ">=", "==", "!="])),
            (1, two(&i, &i, &["<", "<=", ">", ">=", "==", "!="])),
            (1, two(&s, &s, &["==", "!="])),
            (2, two(&d, &d, &["<", "<=", ">", ">=", "==", "!="])),
            (1, two(&w, &w, &["<", "<=", ">", ">=", "==", "!="])),
            (2, two(&f, &f, &["&&", "||", "==", "!="])),
            (1, f.clone().prop_map(|inner| format!("(!({inner}))")).boxed()),
            (1, f.clone().prop_map(|inner| format!("!{inner}")).boxed()),
            (1, choose(&f, &f)),
        ];
        let mut texts = vec![
            (2, s.clone()),
            (2, two(&s, &s, &["+"])),
            (1, two(&s, &i, &["+"])),
            (1, apart(&s, &d, &["+"])),
            (1, call("upper", &[&s])),
            (1, call("lower", &[&s])),
            (1, call("concat", &[&s, &n, &d])),
            (1, call("left", &[&s, &some])),
            (1, call("right", &[&s, &some])),
            (1, call("coalesce", &[&pick(&[empty_text]), &s])),
            (1, choose(&f, &s)),
        ];
        let mut days = vec![
            (2, d.clone()),
            (1, two(&d, &i, &["+", "-"])),
            (1, two(&d, &n, &["+", "-"])),
            (1, call("add_days", &[&d, &x])),
            (1, call("add_months", &[&d, &x])),
            (1, call("date", &[&x, &x, &x])),
            (1, call("date", &[&pick(&["2026", "1999"]), &pick(&["2", "12"]), &pick(&["28", "29", "31"])])),
            (1, call("max", &[&d, &d])),
            (1, call("coalesce", &[&pick(&[empty_day]), &d])),
            (1, choose(&f, &d)),
        ];
        let mut moments = vec![
            (2, w.clone()),
            (1, call("max", &[&w, &w])),
            (1, call("min", &[&w, &w])),
            (1, choose(&f, &w)),
        ];
        // These have no SQL, so between memory and databases they would hold nothing but themselves.
        if !all {
            numbers.push((1, call("working_days", &[&d, &d])));
            numbers.push((1, call("working_days", &[&w, &d])));
            numbers.push((1, call("working_hours", &[&w, &w])));
            flags.push((1, call("is_working_day", &[&d])));
            days.push((1, call("add_working_days", &[&d, &x])));
            moments.push((1, call("add_working_hours", &[&w, &x])));
        }
        if all {
            numbers.push((2, quotient(&x, &x)));
            numbers.push((1, call("coalesce", &[&n, &x])));
            numbers.push((1, literal.clone()));
            wholes.push((1, two(&i, &i, &["%"])));
            flags.push((2, two(&s, &s, &["<", "<=", ">", ">="])));
            flags.push((1, call("contains", &[&s, &s])));
            flags.push((1, call("starts_with", &[&s, &s])));
            flags.push((1, call("is_empty", &[&n])));
            texts.push((1, two(&s, &n, &["+"])));
            texts.push((1, call("trim", &[&s])));
            texts.push((1, call("replace", &[&s, &s, &s])));
            texts.push((1, call("coalesce", &[&s, &s])));
        }
        made = Expressions {
            number: either(numbers),
            whole: either(wholes),
            flag: either(flags),
            text: either(texts),
            day: either(days),
            moment: either(moments),
        };
    }
    made
}
