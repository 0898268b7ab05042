//! Reading plans from the program's log.

use std::collections::HashMap;

use serde_json::Value;

/// The target under which the program logs what the server tells besides its answers.
const TARGET: &str = "sqlx::postgres::notice";

/// One statement, as the server carried it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its SQL.
    pub text: String,
    /// The tables it has read, in the order of the plan; those that were planned and not read are none.
    pub scans: Vec<Scan>,
    /// Pages of 8 KiB that were looked at.
    pub blocks: u64,
}

/// One way by which a statement read a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The table; of an index that is read by itself, to be joined with others, its own name.
    pub table: String,
    /// `None` where all of the table was read.
    pub index: Option<String>,
    /// Rows that were looked at, whether they were wanted or not.
    pub rows: u64,
}

impl Statement {
    /// Rows of all tables that were looked at.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.scans.iter().map(|scan| scan.rows).sum()
    }
}

/// The statements that requests have issued, by the requests' ids, from a log in JSON. What belongs to
/// no request is left out.
#[must_use]
pub fn statements(log: &str) -> HashMap<String, Vec<Statement>> {
    let mut all: HashMap<_, Vec<_>> = HashMap::new();
    for (request, statement) in log.lines().filter_map(read) {
        all.entry(request).or_default().push(statement);
    }
    all
}

fn read(line: &str) -> Option<(String, Statement)> {
    let line: Value = serde_json::from_str(line).ok()?;
    if line["target"] != TARGET {
        return None;
    }
    let request = line["span"]["request.id"].as_str()?.to_owned();
    // "duration: 0.1 ms  plan:", and then JSON.
    let (_, plan) = line["message"].as_str()?.split_once("plan:")?;
    let plan: Value = serde_json::from_str(plan).ok()?;
    let root = &plan["Plan"];
    let mut scans = Vec::new();
    gather(root, &mut scans);
    let statement = Statement {
        text: plan["Query Text"].as_str()?.to_owned(),
        scans,
        blocks: number(root, "Shared Hit Blocks") + number(root, "Shared Read Blocks"),
    };
    Some((request, statement))
}

fn gather(node: &Value, scans: &mut Vec<Scan>) {
    scans.extend(scan(node));
    for below in node["Plans"].as_array().into_iter().flatten() {
        gather(below, scans);
    }
}

fn scan(node: &Value) -> Option<Scan> {
    let kind = node["Node Type"].as_str()?;
    if !kind.ends_with("Scan") || number(node, "Actual Loops") == 0 {
        return None;
    }
    let name = |key: &str| node[key].as_str().map(str::to_owned);
    // A bitmap's index stands in the node below, which names no table.
    let below = node["Plans"].get(0);
    let index = name("Index Name").or_else(|| Some(below?["Index Name"].as_str()?.to_owned()));
    let table = name("Relation Name").or_else(|| name("Index Name"))?;
    let index = match kind {
        "Seq Scan" => None,
        // Of several indexes, joined.
        "Bitmap Heap Scan" => Some(index.unwrap_or_else(|| "several".to_owned())),
        _ => index,
    };
    let each = number(node, "Actual Rows")
        + number(node, "Rows Removed by Filter")
        + number(node, "Rows Removed by Index Recheck");
    Some(Scan {
        table,
        index,
        rows: each * number(node, "Actual Loops"),
    })
}

/// Counts of rows may come with a fraction: they are means over the loops.
fn number(node: &Value, key: &str) -> u64 {
    let value = &node[key];
    value
        .as_u64()
        .or_else(|| value.as_f64().map(|number| number.ceil() as u64))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(request: &str, plan: &Value) -> String {
        let plan = json!({"Query Text": "SELECT 1", "Plan": plan});
        json!({
            "message": format!("duration: 0.1 ms  plan:\n{plan:#}"),
            "target": TARGET, "span": {"request.id": request},
        })
        .to_string()
    }

    fn of(plan: &Value) -> Statement {
        let log = format!("no JSON\n{}\n{}\n", line("b", &json!({})), line("a", plan));
        let mut found = statements(&log);
        assert_eq!(found["a"].len(), 1, "{log}");
        found.remove("a").unwrap().remove(0)
    }

    #[test]
    fn rows_are_counted_over_all_loops_and_with_those_that_were_not_wanted() {
        let found = of(&json!({
            "Node Type": "Nested Loop", "Actual Loops": 1, "Actual Rows": 9,
            "Shared Hit Blocks": 7, "Shared Read Blocks": 2,
            "Plans": [
                {"Node Type": "Seq Scan", "Relation Name": "leads", "Actual Loops": 1,
                 "Actual Rows": 3, "Rows Removed by Filter": 17},
                {"Node Type": "Index Scan", "Relation Name": "messages", "Index Name": "by_id",
                 "Actual Loops": 3, "Actual Rows": 3.0},
                {"Node Type": "Seq Scan", "Relation Name": "users", "Actual Loops": 0,
                 "Actual Rows": 0},
            ],
        }));
        let read = |table: &str, index: Option<&str>, rows| Scan {
            table: table.to_owned(),
            index: index.map(str::to_owned),
            rows,
        };
        let expected = [read("leads", None, 20), read("messages", Some("by_id"), 9)];
        assert_eq!(found.scans, expected);
        assert_eq!((found.rows(), found.blocks), (29, 9));
        assert_eq!(found.text, "SELECT 1");
    }

    #[test]
    fn a_bitmap_is_a_look_by_its_index() {
        let found = of(&json!({
            "Node Type": "Bitmap Heap Scan", "Relation Name": "leads", "Actual Loops": 1,
            "Actual Rows": 5,
            "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "by_phone",
                       "Actual Loops": 1, "Actual Rows": 5}],
        }));
        let by_phone = Some("by_phone".to_owned());
        assert_eq!(found.scans[0].index, by_phone);
        assert_eq!(found.scans[1].index, by_phone);
        assert_eq!(found.scans[1].table, "by_phone");
    }
}
