//! How carriers behave towards an account: the receipts policy that tests set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    chance::Dice,
    message::{Message, Status},
};

/// What becomes of the messages of an account and of the callbacks about them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReceiptPolicy {
    /// Milliseconds between two steps: least and most.
    pub(crate) delay_ms: (u64, u64),
    /// Callbacks of a message arrive in any order.
    pub(crate) shuffle: bool,
    /// Probability that a callback is sent twice.
    pub(crate) duplicate: f64,
    /// Probability that a callback is never sent.
    pub(crate) drop: f64,
    /// Whether there is a callback for `sending`.
    pub(crate) sending: bool,
    /// How messages end.
    pub(crate) outcome: Outcome,
    /// How messages to these recipients end.
    pub(crate) outcomes: BTreeMap<String, Outcome>,
    /// Makes the account's chance repeatable from here on.
    pub(crate) seed: Option<u64>,
}

impl Default for ReceiptPolicy {
    fn default() -> Self {
        Self {
            delay_ms: (150, 600),
            shuffle: false,
            duplicate: 0.0,
            drop: 0.0,
            sending: false,
            outcome: Outcome::default(),
            outcomes: BTreeMap::new(),
            seed: None,
        }
    }
}

/// The last word on a message. `sent` means that no receipt ever comes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    #[serde(default)]
    pub(crate) error_code: Option<u32>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            status: Status::Delivered,
            error_code: None,
        }
    }
}

/// One event in a message's life, or one callback about it, `at_ms` after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) status: Status,
    pub(crate) error_code: Option<u32>,
}

/// What will happen to a message, drawn beforehand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// In order of time.
    pub(crate) steps: Vec<Step>,
    /// In order of time; may tell the steps in another order.
    pub(crate) callbacks: Vec<Step>,
}

impl Plan {
    /// Fails at once and says so.
    pub(crate) fn failure(error_code: u32) -> Self {
        let step = Step {
            at_ms: 0,
            status: Status::Failed,
            error_code: Some(error_code),
        };
        Self {
            steps: vec![step],
            callbacks: vec![step],
        }
    }
}

impl ReceiptPolicy {
    /// Draws the rest of a message's life from where it stands.
    pub(crate) fn plan(&self, message: &Message, dice: &mut Dice) -> Plan {
        let steps = self.steps(message, dice);
        let mut callbacks = Vec::new();
        for step in &steps {
            if step.status == Status::Sending && !self.sending {
                continue;
            }
            let copies = usize::from(!dice.chance(self.drop))
                * (1 + usize::from(dice.chance(self.duplicate)));
            callbacks.extend(std::iter::repeat_n(*step, copies));
        }
        if self.shuffle {
            self.shuffle(&steps, &mut callbacks, dice);
        }
        Plan { steps, callbacks }
    }

    /// All callbacks come once the last step is done: none tells what hasn't happened yet.
    fn shuffle(&self, steps: &[Step], callbacks: &mut [Step], dice: &mut Dice) {
        let end = steps.last().map_or(0, |step| step.at_ms);
        let spread = self.delay_ms.1.saturating_sub(self.delay_ms.0);
        dice.shuffle(callbacks);
        for step in &mut *callbacks {
            step.at_ms = end + dice.between(0, spread);
        }
        callbacks.sort_by_key(|step| step.at_ms);
    }

    fn steps(&self, message: &Message, dice: &mut Dice) -> Vec<Step> {
        let end = self
            .outcomes
            .get(&message.to)
            .copied()
            .unwrap_or(self.outcome);
        let error_code = end.error_code.or(end.status.is_failure().then_some(30008));
        let mut statuses = vec![Status::Queued, Status::Sending, Status::Sent, end.status];
        // What failed never left.
        statuses.retain(|status| {
            let before_end = status.rank() < end.status.rank();
            status.rank() > message.status.rank()
                && (before_end || *status == end.status)
                && (*status != Status::Sent || end.status != Status::Failed)
        });
        statuses.dedup();
        let mut at_ms = 0;
        let mut step = |status| {
            at_ms += dice.between(self.delay_ms.0, self.delay_ms.1);
            let error_code = error_code.filter(|_| status == end.status);
            Step {
                at_ms,
                status,
                error_code,
            }
        };
        statuses.into_iter().map(&mut step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Direction;

    fn message(status: Status) -> Message {
        Message {
            sid: "SM1".to_owned(),
            account_sid: "AC1".to_owned(),
            messaging_service_sid: None,
            from: None,
            to: "+14155550100".to_owned(),
            body: String::new(),
            status,
            direction: Direction::OutboundApi,
            num_segments: 1,
            media: Vec::new(),
            error_code: None,
            status_callback: None,
            send_at_ms: None,
            arrived_us: 0,
            created_ms: 0,
            updated_ms: 0,
            sent_ms: None,
            acknowledged: Vec::new(),
            deleted: false,
            extra_params: Vec::new(),
        }
    }

    fn statuses(steps: &[Step]) -> Vec<&'static str> {
        steps.iter().map(|step| step.status.as_str()).collect()
    }

    fn plan(json: &str, status: Status) -> Plan {
        let policy: ReceiptPolicy = serde_json::from_str(json).unwrap();
        policy.plan(&message(status), &mut Dice::seeded(3))
    }

    #[test]
    fn a_text_is_sent_and_delivered_and_the_first_status_has_no_callback() {
        let plan = plan("{}", Status::Queued);
        assert_eq!(statuses(&plan.steps), ["sending", "sent", "delivered"]);
        assert_eq!(statuses(&plan.callbacks), ["sent", "delivered"]);
    }

    #[test]
    fn a_service_reports_queued_too() {
        let plan = plan("{}", Status::Accepted);
        assert_eq!(statuses(&plan.callbacks), ["queued", "sent", "delivered"]);
    }

    #[test]
    fn failed_was_never_sent_and_has_a_code() {
        let plan = plan(
            r#"{"outcome":{"status":"failed","error_code":30006}}"#,
            Status::Queued,
        );
        assert_eq!(statuses(&plan.callbacks), ["failed"]);
        assert_eq!(plan.callbacks[0].error_code, Some(30006));
    }

    #[test]
    fn sent_can_be_the_last_word() {
        let plan = plan(r#"{"outcome":{"status":"sent"}}"#, Status::Queued);
        assert_eq!(statuses(&plan.callbacks), ["sent"]);
    }

    #[test]
    fn callbacks_can_be_doubled_dropped_and_shuffled() {
        let doubled = plan(r#"{"duplicate":1.0,"shuffle":true}"#, Status::Accepted);
        assert_eq!(doubled.callbacks.len(), 6);
        assert!(doubled.callbacks.is_sorted_by_key(|step| step.at_ms));
        assert!(plan(r#"{"drop":1.0}"#, Status::Queued).callbacks.is_empty());
    }

    #[test]
    fn a_recipient_can_have_a_fate_of_its_own() {
        let json = r#"{"outcomes":{"+14155550100":{"status":"undelivered","error_code":30003}}}"#;
        let plan = plan(json, Status::Queued);
        assert_eq!(statuses(&plan.steps), ["sending", "sent", "undelivered"]);
    }
}
