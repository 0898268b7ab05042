//! Whose numbers there are and what is in the databases before anything is measured.
//!
//! All of it follows from running numbers, by arithmetic that is written here and again in the SQL
//! that fills: so a webhook about the message with the number `n` can be made without a look.

use std::fmt::Display;

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) tenants: u64,
    pub(crate) conversations: u64,
    pub(crate) messages: u64,
    /// Among so many tenants, the first, is the first fifth of the conversations; all the others are
    /// among all tenants. Where everybody is as large, this is `tenants`.
    pub(crate) large: u64,
    /// One of so many conversations is busy.
    pub(crate) busy_one_in: u64,
}

impl Size {
    pub(crate) const USUAL: Self = Self {
        tenants: 1_000,
        conversations: 100_000,
        messages: 2_000_000,
        large: 1_000,
        busy_one_in: 10,
    };

    pub(crate) const QUICK: Self = Self {
        tenants: 20,
        conversations: 1_000,
        messages: 40_000,
        large: 20,
        busy_one_in: 10,
    };

    /// From little to much, with a hundred large tenants each time: lists have a page to show, however
    /// many others there are, and their own tenants grow too.
    pub(crate) const GROWING: [Self; 3] = [
        Self::growing(1_000, 20_000, 100_000),
        Self::growing(10_000, 200_000, 1_000_000),
        Self::growing(100_000, 1_000_000, 5_000_000),
    ];

    pub(crate) const GROWING_QUICKLY: [Self; 2] = [
        Self::growing(200, 10_000, 50_000),
        Self::growing(2_000, 40_000, 200_000),
    ];

    const fn growing(tenants: u64, conversations: u64, messages: u64) -> Self {
        Self {
            tenants,
            conversations,
            messages,
            large: 100,
            busy_one_in: 100,
        }
    }

    /// Of these, the first, people hear often: every second message is in one of them.
    pub(crate) fn busy(&self) -> u64 {
        (self.conversations / self.busy_one_in).max(1)
    }

    /// These, the first, are of the large tenants.
    const fn crowded(&self) -> u64 {
        self.conversations / 5
    }

    /// The conversation of a message, and the how many-th of its kind it is there.
    fn place(&self, message: u64) -> (u64, u64) {
        let turn = message / 2;
        let among = match message % 2 {
            0 => self.busy(),
            _ => self.conversations,
        };
        (turn % among, turn / among)
    }

    pub(crate) fn conversation_of(&self, message: u64) -> u64 {
        self.place(message).0
    }

    /// Every second message of a conversation went out.
    pub(crate) fn went_out(&self, message: u64) -> bool {
        self.place(message).1 % 2 == 1
    }

    pub(crate) fn tenant_of(&self, conversation: u64) -> Tenant {
        let among = if conversation < self.crowded() {
            self.large
        } else {
            self.tenants
        };
        Tenant::nth(conversation % among)
    }

    /// The same in SQL: the number of the tenant of a conversation.
    pub(crate) fn tenant_sql(&self, conversation: impl Display) -> String {
        let (crowded, large, all) = (self.crowded(), self.large, self.tenants);
        if large == all {
            return format!("({conversation} % {all})");
        }
        format!(
            "(CASE WHEN {conversation} < {crowded} THEN {conversation} % {large} \
             ELSE {conversation} % {all} END)"
        )
    }

    /// Whose text the `n`-th of those is that wait to be sent, in SQL: over all tenants, whatever they
    /// are.
    pub(crate) fn waiting_sql(&self, n: impl Display) -> String {
        let all = self.conversations;
        if self.large == self.tenants {
            return format!("({n} % {all})");
        }
        // No size is a multiple of it, so that no two of them are alike.
        format!("({n} * 7919 % {all})")
    }

    /// The same in SQL, over the column of the message's running number.
    pub(crate) fn conversation_sql(&self, n: impl Display) -> String {
        let (busy, all) = (self.busy(), self.conversations);
        format!("(CASE WHEN {n} % 2 = 0 THEN ({n} / 2) % {busy} ELSE ({n} / 2) % {all} END)")
    }

    /// The same in SQL.
    pub(crate) fn went_out_sql(&self, n: impl Display) -> String {
        let (busy, all) = (self.busy(), self.conversations);
        format!(
            "((CASE WHEN {n} % 2 = 0 THEN ({n} / 2) / {busy} ELSE ({n} / 2) / {all} END) % 2 = 1)"
        )
    }
}

/// A business: one account, one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) n: u64,
    pub(crate) account_sid: String,
    pub(crate) auth_token: String,
    pub(crate) number: String,
}

impl Tenant {
    pub(crate) fn nth(n: u64) -> Self {
        Self {
            n,
            account_sid: format!("AC{:032x}", 0xb_e4c4_0000_0000_u64 + n),
            // As long as a real one, and another for each.
            auth_token: format!("{:016x}{n:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            number: format!("+1212{}", 2_000_000 + n),
        }
    }

    pub(crate) fn email(&self) -> String {
        format!("owner{}@example.com", self.n)
    }
}

/// The customer of a conversation.
pub(crate) fn customer(conversation: u64) -> String {
    format!("+1415{}", 2_000_000 + conversation)
}

/// Somebody who has not texted before.
pub(crate) fn stranger(n: u64) -> String {
    format!("+1628{}", 2_000_000 + n % 8_000_000)
}

/// The SID of a message that was there before.
pub(crate) fn old_sid(message: u64) -> String {
    format!("SM0{message:031x}")
}

/// The SID of the `n`-th text that comes in by a run.
pub(crate) fn new_sid(run: u32, n: u64) -> String {
    format!("SM{run:08x}{n:024x}")
}

/// How the SIDs of a run begin. No old one begins so: runs count from `FIRST_RUN`.
pub(crate) fn sids_of(run: u32) -> String {
    format!("SM{run:08x}")
}

/// The number of the first run.
pub(crate) const FIRST_RUN: u32 = 0x1000_0000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_of_messages_in_every_busy_conversation() {
        for size in [Size::USUAL, Size::QUICK] {
            let of_first = (0..size.messages).filter(|n| size.conversation_of(*n) == 0);
            assert!(of_first.count() >= 50, "{size:?}");
            assert!(size.conversations / size.tenants >= 50, "{size:?}");
        }
    }

    #[test]
    fn however_many_tenants_there_are_the_large_ones_have_full_pages() {
        for size in [&Size::GROWING[..], &Size::GROWING_QUICKLY].concat() {
            let of_last =
                (0..size.conversations).filter(|n| size.tenant_of(*n).n == size.large - 1);
            assert!(of_last.count() >= 50, "{size:?}");
            // Every second message is in a busy one, and those are of the large ones.
            assert!(size.messages / 2 / size.busy() >= 50, "{size:?}");
            assert!(size.busy() <= size.crowded() && size.busy() % size.large == 0);
            assert!(size.conversations % 7919 != 0);
        }
    }

    #[test]
    fn about_half_went_out() {
        let size = Size::QUICK;
        let out = (0..size.messages).filter(|n| size.went_out(*n)).count() as u64;
        assert!(
            out > size.messages * 2 / 5 && out < size.messages * 3 / 5,
            "{out}"
        );
    }

    #[test]
    fn sids_are_as_long_as_twilios_and_old_ones_are_told_from_new_ones() {
        assert_eq!(old_sid(1).len(), 34);
        assert_eq!(new_sid(FIRST_RUN, 7).len(), 34);
        assert!(new_sid(FIRST_RUN, 7).starts_with(&sids_of(FIRST_RUN)));
        assert!(!old_sid(u64::MAX).starts_with(&sids_of(FIRST_RUN)));
    }

    #[test]
    fn no_two_tenants_share_anything() {
        let (one, two) = (Tenant::nth(1), Tenant::nth(2));
        assert_ne!(one.account_sid, two.account_sid);
        assert_ne!(one.auth_token, two.auth_token);
        assert_ne!(one.number, two.number);
        assert_eq!(one.account_sid.len(), 34);
        assert_eq!(one.auth_token.len(), 32);
        assert_eq!(one.number.len(), 12);
    }
}
