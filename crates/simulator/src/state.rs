//! Everything the simulator remembers, as one value that a file can hold.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    account::AccountSeed,
    chance::{Dice, now_ms},
    faults::{Fault, FaultKind, Operation},
    message::{Message, Status},
    policy::{Plan, ReceiptPolicy},
    webhook::{Attempt, Kind},
};

/// How many webhook attempts are kept; older ones are forgotten.
const ATTEMPTS_KEPT: usize = 20_000;

/// The memory. Faults and the fate of chance are for one run, the rest survives a restart.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<String, AccountSeed>,
    /// In order of arrival. Nothing is ever taken out, so a place in it stays valid.
    messages: Vec<Message>,
    /// Who may not be texted: the sending number or service, and the recipient.
    opt_outs: BTreeSet<(String, String)>,
    pub(crate) attempts: VecDeque<Attempt>,
    #[serde(skip)]
    pub(crate) policies: BTreeMap<String, ReceiptPolicy>,
    #[serde(skip)]
    dice_of: HashMap<String, Dice>,
    #[serde(skip)]
    pub(crate) faults: Vec<Fault>,
    /// How many requests there were that were let in.
    #[serde(skip)]
    pub(crate) requests: BTreeMap<Operation, u64>,
    /// How often each fault has struck.
    #[serde(skip)]
    pub(crate) struck: BTreeMap<FaultKind, u64>,
    #[serde(skip, default = "Dice::from_system")]
    pub(crate) dice: Dice,
    #[serde(skip)]
    places: HashMap<String, usize>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            messages: Vec::new(),
            opt_outs: BTreeSet::new(),
            attempts: VecDeque::new(),
            policies: BTreeMap::new(),
            dice_of: HashMap::new(),
            faults: Vec::new(),
            requests: BTreeMap::new(),
            struck: BTreeMap::new(),
            dice: Dice::from_system(),
            places: HashMap::new(),
        }
    }
}

impl State {
    /// Builds what a file doesn't hold.
    pub(crate) fn restored(mut self) -> Self {
        self.places = self
            .messages
            .iter()
            .enumerate()
            .map(|(place, message)| (message.sid.clone(), place))
            .collect();
        self
    }

    /// Creates or replaces an account; fills in the SIDs and secrets that the seed leaves empty.
    pub(crate) fn put_account(&mut self, mut seed: AccountSeed) -> AccountSeed {
        let dice = &mut self.dice;
        fill(&mut seed.sid, "AC", dice);
        if seed.auth_token.expose().is_empty() {
            seed.auth_token = dice.sid("").into();
        }
        for number in &mut seed.numbers {
            fill(&mut number.sid, "PN", dice);
            if number.friendly_name.is_empty() {
                number.friendly_name.clone_from(&number.phone_number);
            }
        }
        for service in &mut seed.messaging_services {
            fill(&mut service.sid, "MG", dice);
        }
        for key in &mut seed.api_keys {
            fill(&mut key.sid, "SK", dice);
            if key.secret.expose().is_empty() {
                key.secret = dice.sid("").into();
            }
        }
        self.accounts.insert(seed.sid.clone(), seed.clone());
        seed
    }

    pub(crate) fn add(&mut self, message: Message) {
        self.places.insert(message.sid.clone(), self.messages.len());
        self.messages.push(message);
    }

    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(crate) fn message(&self, sid: &str) -> Option<&Message> {
        self.messages.get(*self.places.get(sid)?)
    }

    pub(crate) fn message_mut(&mut self, sid: &str) -> Option<&mut Message> {
        self.messages.get_mut(*self.places.get(sid)?)
    }

    /// Moves a message up; `None` if it is gone or already stands as high.
    pub(crate) fn rise(
        &mut self,
        sid: &str,
        status: Status,
        error_code: Option<u32>,
    ) -> Option<&Message> {
        let message = self.message_mut(sid)?;
        message
            .rise(status, error_code, now_ms())
            .then_some(&*message)
    }

    /// Draws a message's further life by its account's policy.
    pub(crate) fn plan(&mut self, message: &Message) -> Plan {
        let policy = self
            .policies
            .get(&message.account_sid)
            .or_else(|| self.policies.get(""))
            .cloned()
            .unwrap_or_default();
        let dice = self
            .dice_of
            .get_mut(&message.account_sid)
            .unwrap_or(&mut self.dice);
        policy.plan(message, dice)
    }

    /// Sets an account's policy; an empty SID means all accounts without one of their own.
    pub(crate) fn set_policy(&mut self, account_sid: &str, policy: ReceiptPolicy) {
        if let Some(seed) = policy.seed {
            self.dice_of
                .insert(account_sid.to_owned(), Dice::seeded(seed));
        }
        self.policies.insert(account_sid.to_owned(), policy);
    }

    pub(crate) fn record(&mut self, attempt: Attempt) {
        if self.attempts.len() == ATTEMPTS_KEPT {
            self.attempts.pop_front();
        }
        self.attempts.push_back(attempt);
    }

    /// Keeps what the service now knows for certain; the log of attempts forgets it in time.
    pub(crate) fn note_acknowledged(&mut self, attempt: &Attempt) {
        let well = attempt
            .status
            .is_some_and(|status| (200..300).contains(&status));
        let status = attempt.message_status.as_deref().and_then(Status::parse);
        if let Some(status) = status.filter(|_| well && attempt.kind == Kind::Status)
            && let Some(message) = self.message_mut(&attempt.message_sid)
            && !message.acknowledged.contains(&status)
        {
            message.acknowledged.push(status);
        }
    }

    pub(crate) fn opt_out(&mut self, scope: &str, recipient: &str) {
        self.opt_outs
            .insert((scope.to_owned(), recipient.to_owned()));
    }

    pub(crate) fn opt_in(&mut self, scope: &str, recipient: &str) {
        self.opt_outs
            .remove(&(scope.to_owned(), recipient.to_owned()));
    }

    pub(crate) fn has_opted_out(&self, scope: &str, recipient: &str) -> bool {
        self.opt_outs
            .contains(&(scope.to_owned(), recipient.to_owned()))
    }

    pub(crate) fn opt_outs(&self) -> &BTreeSet<(String, String)> {
        &self.opt_outs
    }

    /// Forgets everything but, unless `accounts_too`, the accounts.
    pub(crate) fn clear(&mut self, accounts_too: bool) {
        let accounts = std::mem::take(&mut self.accounts);
        *self = Self::default();
        if !accounts_too {
            self.accounts = accounts;
        }
    }
}

fn fill(sid: &mut String, prefix: &str, dice: &mut Dice) {
    if sid.is_empty() {
        *sid = dice.sid(prefix);
    }
}
