//! What a row says of a person, if it makes sense.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use entity::phone::{Country, PhoneNumber};
use entity::value::{LeadSource, LeadStatus};
use lead_csv::{Field, Layout, Row, Rows, country_code};

use crate::leads::is_email;

/// The longest name, label and list of labels that a lead may have.
const LONGEST_NAME: usize = 200;
const LONGEST_TAG: usize = 100;
const MOST_TAGS: usize = 100;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The row as a spreadsheet counts.
    pub row: usize,
    /// The header of the column; none where it is the row.
    pub column: Option<String>,
    /// What stands there.
    pub value: Option<String>,
    /// What is wrong, and what would be right.
    pub detail: String,
}

/// Somebody in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// E.164.
    pub phone: Option<String>,
    /// The whole name.
    pub name: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// How far they are.
    pub status: Option<LeadStatus>,
    /// How they came.
    pub source: Option<LeadSource>,
    /// Labels.
    pub tags: BTreeSet<String>,
    /// ISO 3166-1 alpha-2, as the file or the number says.
    pub country: Option<String>,
    /// Whether the file says so, and not just the number.
    pub country_is_given: bool,
    /// IANA time zone name.
    pub timezone: Option<String>,
}

/// Reads people out of a file, in its order.
#[derive(Debug)]
pub struct Reader {
    rows: Rows<File>,
    layout: Layout,
    country: Country,
}

impl Reader {
    /// Reads a file from its beginning; numbers are those of `country` where nothing else is said.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn new(file: File, layout: Layout, country: Country) -> io::Result<Self> {
        Ok(Self {
            rows: Rows::new(file, &layout).map_err(io::Error::other)?,
            layout,
            country,
        })
    }

    /// The next `limit` rows, each with a person or with what is wrong. Blocks.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn next(&mut self, limit: usize) -> io::Result<Vec<Result<Person, Vec<Mistake>>>> {
        let mut read = Vec::with_capacity(limit.min(1000));
        while read.len() < limit {
            let Some(row) = self.rows.next().map_err(io::Error::other)? else {
                break;
            };
            read.push(self.person(&row));
        }
        Ok(read)
    }

    /// Passes over rows. Blocks.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn skip(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            self.rows.next().map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn person(&self, row: &Row) -> Result<Person, Vec<Mistake>> {
        let mut cells = Cells {
            row,
            layout: &self.layout,
            mistakes: Vec::new(),
        };
        let person = cells.person(self.country);
        if cells.mistakes.is_empty() {
            Ok(person)
        } else {
            Err(cells.mistakes)
        }
    }
}

/// A row on its way to become a person.
struct Cells<'a> {
    row: &'a Row,
    layout: &'a Layout,
    mistakes: Vec<Mistake>,
}

impl Cells<'_> {
    fn person(&mut self, default: Country) -> Person {
        if self.row.beyond > 0 {
            let detail = "the row has more cells than there are headers: put cells that have a separator in \
                          them into quotation marks";
            self.wrong(None, detail);
        }
        let country = self.country();
        let phone = self.phone(country.unwrap_or(default));
        let email = self.email();
        if self.mistakes.is_empty() && phone.is_none() && email.is_none() {
            self.wrong(
                None,
                "there is neither a phone number nor an e-mail address",
            );
        }
        let by_number = || phone.as_ref().and_then(PhoneNumber::country);
        Person {
            name: self.name(),
            status: self.word(Field::Status),
            source: self.word(Field::Source),
            tags: self.tags(),
            timezone: self.timezone(),
            country: country
                .or_else(by_number)
                .map(|country| country.to_string()),
            country_is_given: country.is_some(),
            phone: phone.map(|phone| phone.to_string()),
            email,
        }
    }

    fn wrong(&mut self, field: Option<Field>, detail: impl Into<String>) {
        let mut columns = self.layout.columns.iter();
        let column = field.and_then(|field| columns.find(|column| column.field == Some(field)));
        self.mistakes.push(Mistake {
            row: self.row.number,
            column: column.map(|column| column.header.clone()),
            value: field
                .and_then(|field| self.row.get(field))
                .map(ToOwned::to_owned),
            detail: detail.into(),
        });
    }

    fn country(&mut self) -> Option<Country> {
        let code = country_code(self.row.get(Field::Country)?);
        let country = Country::parse(&code);
        country
            .map_err(|error| self.wrong(Some(Field::Country), error.to_string()))
            .ok()
    }

    /// The mobile number, or the other one if there is none that can be used.
    fn phone(&mut self, country: Country) -> Option<PhoneNumber> {
        let mut first = None;
        for field in [Field::Mobile, Field::Phone] {
            let Some(cell) = self.row.get(field) else {
                continue;
            };
            match phone(cell, country) {
                Ok(phone) => return Some(phone),
                Err(detail) => first = first.or(Some((field, detail))),
            }
        }
        if let Some((field, detail)) = first {
            self.wrong(Some(field), detail);
        }
        None
    }

    fn email(&mut self) -> Option<String> {
        let email = self.row.get(Field::Email)?;
        if !is_email(email) {
            self.wrong(Some(Field::Email), "this is not an e-mail address");
        }
        Some(email.to_owned())
    }

    fn name(&mut self) -> Option<String> {
        let cell = |field| self.row.get(field);
        let first = cell(Field::FirstName).or(cell(Field::Name));
        let name = match (cell(Field::Name), first, cell(Field::LastName)) {
            // A whole name that has the last name in it needs it no second time.
            (Some(name), _, Some(last)) if name.ends_with(last) => name.to_owned(),
            (Some(name), _, None) => name.to_owned(),
            (_, Some(first), Some(last)) => format!("{first} {last}"),
            (_, first, last) => first.or(last)?.to_owned(),
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > LONGEST_NAME {
            let fields = [Field::Name, Field::FirstName, Field::LastName];
            let field = fields.into_iter().find(|field| cell(*field).is_some());
            self.wrong(
                field,
                format!("a name has at most {LONGEST_NAME} characters"),
            );
        }
        Some(name)
    }

    fn word<W>(&mut self, field: Field) -> Option<W>
    where
        W: std::str::FromStr<Err = entity::value::UnknownWord>,
    {
        let word = self.row.get(field)?.to_lowercase().parse();
        word.map_err(|error: entity::value::UnknownWord| {
            self.wrong(Some(field), error.to_string());
        })
        .ok()
    }

    fn tags(&mut self) -> BTreeSet<String> {
        let cell = self.row.get(Field::Tags).unwrap_or_default();
        let tags = cell.split([',', ';', '|', '\n']).map(str::trim);
        let tags: BTreeSet<_> = tags
            .filter(|tag| !tag.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        if tags.len() > MOST_TAGS || tags.iter().any(|tag| tag.chars().count() > LONGEST_TAG) {
            let detail =
                format!("at most {MOST_TAGS} labels of at most {LONGEST_TAG} characters are taken");
            self.wrong(Some(Field::Tags), detail);
        }
        tags
    }

    fn timezone(&mut self) -> Option<String> {
        let cell = self.row.get(Field::Timezone)?;
        if cell.parse::<chrono_tz::Tz>().is_err() {
            let detail = "this is no IANA time zone; one is Europe/Berlin";
            self.wrong(Some(Field::Timezone), detail);
        }
        Some(cell.to_owned())
    }
}

fn phone(cell: &str, country: Country) -> Result<PhoneNumber, String> {
    let shortened = |(whole, power): (&str, &str)| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        whole.starts_with(|c: char| c.is_ascii_digit())
            && !power.is_empty()
            && digits(power.trim_start_matches('+'))
    };
    if cell.split_once(['E', 'e']).is_some_and(shortened) {
        return Err(
            "the spreadsheet has shortened this number: format the column as text, and enter \
                    the numbers anew"
                .to_owned(),
        );
    }
    // What a program makes of a number that it takes for an amount.
    let cell = cell.strip_suffix(".0").unwrap_or(cell);
    PhoneNumber::parse(cell, &country).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
