//! What a kind of field can do.

use std::cmp::Ordering;
use std::fmt;

use chrono_tz::Tz;

use super::{Column, Facet, Group, NumberStyle, ParseContext, Part, Shown, facet, mask};
use crate::Json;
use crate::conventions::Conventions;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// What a kind of field can do. Adding a kind touches its own file, its template, and one line of the table at the end.
///
/// Links arrive here as ids; finding a record by title or by a unique field is the core's part. Texts of numbers are
/// read as English and Chinese write them (`1,234.5`); a kind documents which other forms it takes.
pub trait FieldKind: fmt::Debug + Send + Sync {
    /// The name in definitions.
    fn name(&self) -> &'static str;

    /// The physical columns, the main one first.
    fn columns(&self, field: &FieldModel) -> Vec<Column>;

    /// Reads what a person typed into a form or a spreadsheet cell. The text is trimmed and not empty.
    /// Multi-valued kinds split it at `|` or line ends.
    ///
    /// # Errors
    /// What is wrong, at the field.
    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem>;

    /// Reads the JSON form; `null` and empty text never arrive here.
    ///
    /// # Errors
    /// What is wrong, at the field.
    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem>;

    /// The JSON form of a value that is not empty. A link gives its id as text; titles are added by the core.
    fn to_json(&self, field: &FieldModel, value: &Value) -> Json;

    /// The text of a form control or CSV cell, which `parse_text` reads back to the same value.
    fn to_text(&self, field: &FieldModel, value: &Value, zone: Tz) -> String;

    /// The value in one line that people read, as a field takes it over that holds any text.
    fn to_line(&self, field: &FieldModel, value: &Value, zone: Tz) -> String {
        self.to_text(field, value, zone)
    }

    /// Whether a cell of a file is by its look a value of this kind, whatever else it might be.
    fn recognises(&self, _text: &str, _language: &str) -> bool {
        false
    }

    /// Checks facets (length, range, pattern, options) and brings the value into its stored form (scale,
    /// milliseconds, order of options). The value is not empty.
    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems);

    /// Whether a problem of `check` is told and no more, because what was stored already stays as it is.
    fn may_stay(&self, _problem: &Problem, _old: &Value, _new: &Value) -> bool {
        false
    }

    /// The filter operators that fit.
    fn operators(&self) -> &'static [Operator];

    /// Order for sorting and `lt`, `gt`; neither value is empty. `None` when the kind has no order.
    fn compare(&self, field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering>;

    /// The derived JSON Schema of the value (without title and description).
    fn json_schema(&self, field: &FieldModel) -> Json;

    /// The schema of what may be sent, where more is accepted than is answered.
    fn input_schema(&self, field: &FieldModel) -> Json {
        self.json_schema(field)
    }

    /// The type of the value in formulas.
    fn formula_type(&self) -> crate::formula::Type;

    /// Checks the facets of a definition: the problems' paths are relative to the field's definition.
    fn check_definition(
        &self,
        definition: &crate::definition::entity::FieldDefinition,
        problems: &mut Problems,
    );

    /// An example definition, shown on the add-field page and in the documentation.
    fn example(&self) -> Json;

    /// A value to show what the kind looks like, in its JSON form; `null` where it would name a record.
    fn sample(&self) -> Json {
        Json::Null
    }

    /// Whether values may be told apart by an index: not lists, not texts of any length, not what nobody may find out.
    fn may_be_unique(&self) -> bool {
        let is_plain = !self.is_many() && !self.is_long() && !self.is_write_only() && !self.holds_files();
        let is_whole = is_plain && self.parts().is_empty();
        is_whole && self.formula_type() != crate::formula::Type::Boolean && !self.names_entity()
    }

    /// Among which others it stands where a kind is chosen.
    fn group(&self) -> Group {
        Group::Text
    }

    /// The icon in the sprite.
    fn icon(&self) -> &'static str {
        "circle-dot"
    }

    /// What a definition may say of fields of this kind, in the order in which the designer asks.
    fn facets(&self) -> &'static [Facet] {
        &[]
    }

    /// What a value is made of. Each part is a field of its own right behind this one, called `field.part`: it is
    /// filtered, sorted, shown in lists and written by that name.
    fn parts(&self) -> &'static [Part] {
        &[]
    }

    /// In which order the parts are asked for where a language is spoken; those that are not named come behind. Empty for
    /// the order in which they are kept.
    fn arrangement(&self, _conventions: &Conventions) -> &'static [&'static str] {
        &[]
    }

    /// Whether values have a part that is worked out of the others: what an amount is worth in the workspace's currency.
    fn is_converted(&self) -> bool {
        false
    }

    /// How people read a value, where the kind knows better than by its type; the value is not empty.
    fn shown(&self, _field: &FieldModel, _value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        None
    }

    /// The title of a record whose display field is of this kind; the value is not empty.
    fn title(&self, field: &FieldModel, value: &Value, zone: Tz) -> String {
        self.to_text(field, value, zone)
    }

    /// What is shown in place of a value to who may only know that there is one; the value is not empty.
    fn mask(&self, value: &Value) -> String {
        mask::usual(value)
    }

    /// How numbers of the kind are written.
    fn style(&self) -> NumberStyle {
        NumberStyle::Plain
    }

    /// What an empty control of a form means.
    fn when_absent(&self) -> Value {
        Value::Empty
    }

    /// Whether it holds whatever value of its type there is: any text, or a number of whatever is counted.
    fn takes_any(&self) -> bool {
        false
    }

    /// Whether values run over several lines: they take a whole row of a form and no column of a list by themselves.
    fn is_long(&self) -> bool {
        false
    }

    /// Whether a form posts one pair for each chosen option.
    fn is_many(&self) -> bool {
        false
    }

    /// Whether a value is a set of words: tags, or several of the options.
    fn holds_words(&self) -> bool {
        false
    }

    /// The texts of all values there are, where they are few and in order: the numbers of stars.
    fn steps(&self, _field: &FieldModel) -> Vec<String> {
        Vec::new()
    }

    /// The values to choose from with their labels, where the kind itself knows them all.
    fn offers(&self, _catalogue: &Catalogue) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Whether the control suggests the values that other records have.
    fn suggests_used(&self) -> bool {
        false
    }

    /// Whether an order by this field means something.
    fn is_sortable(&self) -> bool {
        true
    }

    /// Whether a value is one of the options of the definition: what a process and a board go by.
    fn is_choice(&self) -> bool {
        false
    }

    /// Whether a definition lists the values there are.
    fn has_options(&self) -> bool {
        self.facets().iter().any(|facet| facet.input == facet::Input::Options)
    }

    /// Whether a value tells people which record they see: one line of text, unless it says otherwise.
    fn is_title(&self) -> bool {
        let is_text = matches!(self.formula_type(), crate::formula::Type::Text);
        is_text && !self.is_long() && !self.is_write_only() && !self.is_internal()
    }

    /// Whether people look for a record by the words of a value.
    fn is_searched(&self) -> bool {
        self.is_folded() && !self.is_write_only()
    }

    /// Whether a value is a number that is dialled: it is found however it is written.
    fn is_dialled(&self) -> bool {
        false
    }

    /// Whether a value names the entity beside the id of the record that it points at.
    fn names_entity(&self) -> bool {
        false
    }

    /// Whether a value is a day or a moment.
    fn is_temporal(&self) -> bool {
        matches!(self.formula_type(), crate::formula::Type::Date | crate::formula::Type::DateTime)
    }

    /// Whether the store draws the value when a record is created.
    fn is_drawn(&self) -> bool {
        false
    }

    /// Whether the value is written and never read back.
    fn is_write_only(&self) -> bool {
        false
    }

    /// Whether values can be read from the texts of another kind, and theirs from these.
    fn converts(&self) -> bool {
        let is_elsewhere = self.is_link() || self.holds_files();
        !is_elsewhere && !self.is_drawn() && !self.is_write_only() && !self.is_internal()
    }

    /// Whether every stored value of the other kind is one of this kind as it stands: a change of the kind then moves
    /// nothing. The columns are compared by whoever asks.
    fn takes(&self, _other: &dyn FieldKind) -> bool {
        false
    }

    /// Whether values have a stored case-folded key (`__fold` column).
    fn is_folded(&self) -> bool {
        false
    }

    /// Whether the kind points at records.
    fn is_link(&self) -> bool {
        false
    }

    /// Whether a field of the kind holds records of another table: it has no column, and how its records are reached is
    /// in [`FieldModel::list`].
    fn is_list(&self) -> bool {
        false
    }

    /// The entities that a field may point at.
    fn targets(&self, _definition: &crate::definition::entity::FieldDefinition) -> Vec<String> {
        Vec::new()
    }

    /// The second field that stands right after a field of this kind: the currency of an amount.
    fn companion(
        &self,
        _name: &str,
        _definition: &crate::definition::entity::FieldDefinition,
    ) -> Option<(String, crate::definition::entity::FieldDefinition)> {
        None
    }

    /// Whether definitions may not name the kind, because only the engine makes such fields.
    fn is_internal(&self) -> bool {
        false
    }

    /// Whether a field of the kind may say `encrypted`: its values have one column, nobody follows them to other
    /// records, and they are not so few that sealing them hides little.
    fn may_be_sealed(&self) -> bool {
        use crate::formula::Type;
        let is_few = self.is_choice() || matches!(self.formula_type(), Type::Boolean | Type::List);
        let is_whole = self.parts().is_empty() && !self.is_converted() && !self.holds_files();
        let is_value = !self.is_link() && !self.is_list() && !self.names_entity() && !self.is_drawn();
        is_whole && is_value && !is_few && !self.is_internal()
    }

    /// Whether values are files: what is kept is what they were when they were put there, and the core gives them their
    /// content.
    fn holds_files(&self) -> bool {
        false
    }

    /// What a file may be where the definition says nothing, as the attribute of HTML; empty for anything.
    fn accepts(&self) -> &'static str {
        ""
    }

    /// Whether its values are pictures that a browser shows.
    fn is_picture(&self) -> bool {
        false
    }

    /// Whether values may be several files, in an order.
    fn holds_many_files(&self) -> bool {
        false
    }

    /// Whether a value is somebody's signature: who signed and when is kept with it, and it is not written over.
    fn is_signed(&self) -> bool {
        false
    }

    /// Whether sums and averages make sense.
    fn is_number(&self) -> bool {
        false
    }

    /// What stored numbers count, where people write something else: the seconds of a length of time.
    fn unit(&self) -> Option<&'static str> {
        None
    }

    /// Digits after the point of stored units, for decimal kinds.
    fn scale(&self, _field: &FieldModel) -> Option<u8> {
        None
    }
}
