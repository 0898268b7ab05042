//! Who is in the demo and what they have to say to each other.

pub(super) const TENANT: &str = "Acme Plumbing";
pub(super) const OWNER_EMAIL: &str = "olivia@acme-plumbing.example";
pub(super) const OWNER_NAME: &str = "Olivia Owner";
pub(super) const AGENT_EMAIL: &str = "amir@acme-plumbing.example";
pub(super) const AGENT_NAME: &str = "Amir Agent";

/// The simulated Twilio account.
pub(super) const ACCOUNT_SID: &str = "AC0de30000000000000000000000000001";

/// The tenant's numbers and what they are for; the first one is the default.
pub(super) const CHANNELS: [(&str, &str); 2] = [
    ("Front desk", "+14155550100"),
    ("Emergency line", "+14155550101"),
];

/// One line of a conversation.
pub(super) enum Line {
    Customer(&'static str),
    Us(&'static str),
}

/// A customer and how it went.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) phone: &'static str,
    /// Which of [`CHANNELS`].
    pub(super) channel: usize,
    pub(super) tags: &'static [&'static str],
    pub(super) lead_status: &'static str,
    pub(super) lines: &'static [Line],
}

use Line::{Customer, Us};

/// Customers who texted, the oldest first: the last one still waits for an answer.
pub(super) const STORIES: [Story; 4] = [
    Story {
        name: "Maria Lopez",
        phone: "+14155550142",
        channel: 0,
        tags: &["kitchen"],
        lead_status: "qualified",
        lines: &[
            Customer("Hi! My kitchen sink is leaking under the cabinet. Can somebody come by?"),
            Us(
                "Hi Maria, sorry to hear that! We have Thursday 9-11 or Friday 2-4. Which suits you?",
            ),
            Customer("Thursday works 👍"),
            Us("Booked: Thursday 9-11. Please close the valve under the sink until then."),
        ],
    },
    Story {
        name: "Tom Becker",
        phone: "+14155550143",
        channel: 1,
        tags: &["urgent"],
        lead_status: "contacted",
        lines: &[
            Customer("Water is coming through my ceiling!!"),
            Us("On our way, Tom. Close the main valve if you can reach it. 25 minutes."),
        ],
    },
    Story {
        name: "Grace Kim",
        phone: "+14155550144",
        channel: 0,
        tags: &[],
        lead_status: "lost",
        lines: &[
            Customer("How much is a new water heater?"),
            Us("Hi Grace, usually $1,400-$1,900 with installation. Shall we come and measure?"),
            Customer("STOP"),
        ],
    },
    Story {
        name: "Daniel Osei",
        phone: "+14155550145",
        channel: 0,
        tags: &["bathroom"],
        lead_status: "new",
        lines: &[
            Customer("Good morning, do you also do bathroom renovations?"),
            Customer("It's about 6 square metres, second floor."),
        ],
    },
];

/// Somebody whom we text first.
pub(super) const FIRST_CONTACT: (&str, &str, &str) = (
    "Priya Shah",
    "+14155550146",
    "Hi Priya, this is Acme Plumbing. Your yearly boiler check is due. Would next week suit you?",
);
