//! Reading a file, row by row.

use std::io::{self, BufRead, Chain, Cursor, Read, Seek, SeekFrom};

use csv::{Reader, ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8};

use crate::header::Field;
use crate::text::{self, Utf8};
use crate::write::plain;

/// What may part cells; of two that fit alike, the first.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// How much of a file is looked at for its headers.
const HEAD: u64 = 64 * 1024;

/// More columns than any list of people has.
const MOST_COLUMNS: usize = 200;

/// Why a file can't be used at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is no text.
    #[error("this is no CSV file; save the sheet as CSV first")]
    NotText,
    /// No header is known.
    #[error(
        "none of the columns is known; the first row has to name them, such as name, phone, email, tags"
    )]
    NoKnownColumn,
    /// By nothing in it somebody could be reached or known again.
    #[error("the file needs a column with phone numbers or e-mail addresses, named phone or email")]
    NoContact,
    /// There are headers and nothing else.
    #[error("the file has no rows below the first, which names the columns")]
    NoRows,
    /// It has too many columns.
    #[error("the file has more than {MOST_COLUMNS} columns")]
    TooManyColumns,
    /// It has too many rows.
    #[error("the file has more than {most} rows; split it")]
    TooManyRows {
        /// How many are taken.
        most: usize,
    },
    /// A quotation mark that is never closed would make all rows after it one cell.
    #[error(
        "a quotation mark that opens in row {row} is never closed; close it, or double it where it is \
         part of the text"
    )]
    OpenQuote {
        /// The row, as a spreadsheet counts.
        row: usize,
    },
    /// It can't be read.
    #[error("the file can't be read")]
    Io(#[from] io::Error),
}

impl From<csv::Error> for Error {
    fn from(error: csv::Error) -> Self {
        // Rows may have any length and are UTF-8, so nothing else can be wrong.
        Self::Io(io::Error::other(error))
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub header: String,
    /// What it holds, if that is known and no column before it holds the same.
    pub field: Option<Field>,
}

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    encoding: &'static Encoding,
    delimiter: u8,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// What a file is, once it has been gone through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// How it is to be read.
    pub layout: Layout,
    /// How many rows it has below the headers, without empty ones.
    pub rows: usize,
}

impl Survey {
    /// Goes through a file, which may have `most` rows.
    ///
    /// # Errors
    /// [`Error`].
    pub fn of<R: Read + Seek>(file: &mut R, most: usize) -> Result<Self, Error> {
        file.seek(SeekFrom::Start(0))?;
        let encoding = text::encoding(&mut *file)?;
        file.seek(SeekFrom::Start(0))?;
        let layout = Layout::find(&mut *file, encoding)?;
        file.seek(SeekFrom::Start(0))?;
        let mut rows = Rows::new(file, &layout)?;
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
            if count > most {
                return Err(Error::TooManyRows { most });
            }
        }
        if count == 0 {
            return Err(Error::NoRows);
        }
        Ok(Self {
            layout,
            rows: count,
        })
    }
}

impl Layout {
    /// As it was found before: the encoding's name, the delimiter and the headers.
    #[must_use]
    pub fn known(encoding: &str, delimiter: char, headers: Vec<String>) -> Self {
        Self {
            encoding: Encoding::for_label(encoding.as_bytes()).unwrap_or(UTF_8),
            delimiter: u8::try_from(delimiter).unwrap_or(b','),
            columns: columns(headers),
        }
    }

    /// The encoding, as the WHATWG names it.
    #[must_use]
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// What parts its cells.
    #[must_use]
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    fn find(file: impl Read, encoding: &'static Encoding) -> Result<Self, Error> {
        let mut head = Vec::new();
        let (named, text) = begin(text::utf8(file, encoding))?;
        text.take(HEAD).read_to_end(&mut head)?;
        let head = String::from_utf8_lossy(&head);
        if head.trim().is_empty() {
            return Err(Error::Empty);
        }
        let odd = head
            .chars()
            .filter(|c| matches!(c, '\0'..='\u{8}' | '\u{fffd}'));
        if odd.count() > head.len() / 50 {
            return Err(Error::NotText);
        }
        let candidates = named
            .and_then(|named| named.delimiter)
            .map_or(DELIMITERS.to_vec(), |named| vec![named]);
        let mut best: Option<((usize, usize), Self)> = None;
        for delimiter in candidates {
            let layout = Self::with(&head, encoding, delimiter)?;
            let known = layout
                .columns
                .iter()
                .filter(|column| column.field.is_some());
            let score = (known.count(), layout.columns.len());
            if best.as_ref().is_none_or(|(other, _)| score > *other) {
                best = Some((score, layout));
            }
        }
        let layout = best.ok_or(Error::Empty)?.1;
        layout.check()?;
        Ok(layout)
    }

    fn with(head: &str, encoding: &'static Encoding, delimiter: u8) -> Result<Self, Error> {
        let mut reader = reader(head.as_bytes(), delimiter);
        let mut record = StringRecord::new();
        while reader.read_record(&mut record)? {
            if record.iter().any(is_filled) {
                break;
            }
        }
        Ok(Self {
            encoding,
            delimiter,
            columns: columns(record.iter().map(clean).collect()),
        })
    }

    fn check(&self) -> Result<(), Error> {
        let has = |field: Field| {
            self.columns
                .iter()
                .any(|column| column.field == Some(field))
        };
        if self.columns.len() > MOST_COLUMNS {
            Err(Error::TooManyColumns)
        } else if self.columns.iter().all(|column| column.field.is_none()) {
            Err(Error::NoKnownColumn)
        } else if ![Field::Phone, Field::Mobile, Field::Email]
            .into_iter()
            .any(has)
        {
            Err(Error::NoContact)
        } else {
            Ok(())
        }
    }
}

fn columns(headers: Vec<String>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::with_capacity(headers.len());
    for header in headers {
        let field = Field::of(&header);
        let taken = columns.iter().any(|column| column.field == field);
        columns.push(Column {
            header,
            field: field.filter(|_| !taken),
        });
    }
    columns
}

/// What is put behind a file, as a row of its own. Where it turns up in a cell of another row, that one
/// was still open. No sheet has such signs.
const END: &str = "\n\u{1e}\u{4}";

/// A text whose beginning has been looked at.
type Begun<R> = Chain<Cursor<Vec<u8>>, Utf8<R>>;

/// Excel's first line `sep=;`.
struct Named {
    delimiter: Option<u8>,
}

/// Passes over Excel's first line, if there is one.
fn begin<R: Read>(mut text: Utf8<R>) -> io::Result<(Option<Named>, Begun<R>)> {
    let mut head = Vec::new();
    text.by_ref().take(4).read_to_end(&mut head)?;
    let mut named = None;
    if head.eq_ignore_ascii_case(b"sep=") {
        head.clear();
        let mut line = Vec::new();
        text.read_until(b'\n', &mut line)?;
        let is_sign = |sign: &u8| sign.is_ascii_punctuation() || *sign == b'\t';
        named = Some(Named {
            delimiter: line.first().copied().filter(is_sign),
        });
    }
    Ok((named, Cursor::new(head).chain(text)))
}

fn reader<R: Read>(text: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
}

fn is_filled(cell: &str) -> bool {
    !cell.trim().is_empty()
}

/// What a cell says: without signs that nobody sees, and what was put before it to make it safe.
fn clean(cell: &str) -> String {
    let unseen = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let cell: String = cell.chars().filter(|c| !unseen(*c)).collect();
    plain(cell.trim()).trim().to_owned()
}

/// One person's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts: the headers are in row 1.
    pub number: usize,
    /// How many cells it has that are filled and have no header.
    pub beyond: usize,
    cells: Vec<(Field, String)>,
}

impl Row {
    /// What it says of something; nothing where the cell is empty.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        let cell = self.cells.iter().find(|(of, _)| *of == field);
        cell.map(|(_, cell)| cell.as_str())
    }
}

/// The rows of a file, as they come.
pub struct Rows<R: Read> {
    reader: Reader<Chain<Begun<R>, &'static [u8]>>,
    record: StringRecord,
    columns: Vec<Column>,
    /// Lines before the one where reading began.
    before: u64,
    /// Line ends within cells so far, which make no rows.
    within: u64,
    last: u64,
}

impl<R: Read> std::fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Rows<R> {
    /// The rows below the headers of a file at its beginning.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(file: R, layout: &Layout) -> Result<Self, Error> {
        let (named, text) = begin(text::utf8(file, layout.encoding))?;
        let mut rows = Self {
            reader: reader(text.chain(END.as_bytes()), layout.delimiter),
            record: StringRecord::new(),
            columns: layout.columns.clone(),
            before: u64::from(named.is_some()),
            within: 0,
            last: 0,
        };
        rows.read()?;
        Ok(rows)
    }

    /// The next row that has anything in it.
    ///
    /// # Errors
    /// [`Error::Io`].
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's items can't be asked for by `?`"
    )]
    pub fn next(&mut self) -> Result<Option<Row>, Error> {
        Ok(self.read()?.then(|| self.row()))
    }

    /// Reads on to a record that has anything in it.
    fn read(&mut self) -> Result<bool, Error> {
        while self.reader.read_record(&mut self.record)? {
            // The reader counts the line where it stood before, which may be an empty one.
            let line = self.record.position().map_or(0, csv::Position::line);
            self.last = Ord::max(line + self.before - self.within.min(line), self.last + 1);
            let ends = |cell: &str| cell.bytes().filter(|byte| *byte == b'\n').count() as u64;
            self.within += self.record.iter().map(ends).sum::<u64>();
            let last = self.record.iter().next_back().unwrap_or_default();
            if last.ends_with(END) {
                let row = usize::try_from(self.last).unwrap_or(usize::MAX);
                return Err(Error::OpenQuote { row });
            }
            if self.record.iter().any(is_filled) && self.record != [END.trim_start()][..] {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn row(&self) -> Row {
        let named = self.columns.iter().zip(&self.record);
        let cells = named.filter_map(|(column, cell)| {
            let cell = clean(cell);
            column
                .field
                .filter(|_| !cell.is_empty())
                .map(|field| (field, cell))
        });
        let beyond = self.record.iter().skip(self.columns.len());
        Row {
            number: usize::try_from(self.last).unwrap_or(usize::MAX),
            cells: cells.collect(),
            beyond: beyond.filter(|cell| is_filled(cell)).count(),
        }
    }
}

#[cfg(test)]
mod tests;
