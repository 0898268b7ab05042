//! The table of codes, grouped by class, each a line long so that it reads as a table.

use super::Class::{Endpoint, Fix, Input, Once, Recipient, Retry, RetryLater};
use super::{Class, ErrorCode};

const fn row(code: i32, class: Class, words: &'static str, advice: &'static str) -> ErrorCode {
    ErrorCode {
        code,
        class,
        words,
        advice,
    }
}

const WAIT: &str = "Nothing to do: it is tried again in a moment.";
const TOMORROW: &str = "Send less today, or ask for a higher limit at Twilio.";
const CORRECT_NUMBER: &str = "Check the number with the recipient.";
const OTHER_CHANNEL: &str = "Reach this person in another way.";
const ASK_TWILIO: &str = "If it keeps happening, ask Twilio's support with the message's SID.";
const OWN_SENDER: &str = "Choose a number that belongs to this Twilio account and can send texts.";
const REGISTER: &str =
    "Finish the sender's registration in the Twilio console; until then nothing gets through.";
const CHANNEL_SETUP: &str = "Check the sender's setup in the Twilio console.";
const REPORT: &str = "This is a mistake in the request; report it with the request id.";
const OUR_URL: &str =
    "Check that the public URL is reachable from the internet and answers in time.";
const OUR_TLS: &str = "Install a valid certificate with its whole chain at the public URL.";
const OUR_TWIML: &str = "This is a mistake in our answer to Twilio; report it with the time.";

#[rustfmt::skip]
pub(super) const CODES: &[ErrorCode] = &[
    row(20009, Retry, "The message is still in progress, so Twilio can't delete it yet.", WAIT),
    row(20429, Retry, "Twilio got too many requests at once for this account and did not process this one.", WAIT),
    row(30001, Retry, "The message waited too long in a full queue.", "Send fewer messages at once from this sender."),
    row(30017, Retry, "The recipient's carrier is congested.", WAIT),
    row(30022, Retry, "Messages went out faster than the US campaign allows.", "Lower the pace, or raise the campaign's throughput at Twilio."),
    row(30023, Retry, "The US brand has used up its daily messages.", TOMORROW),
    row(30027, Retry, "T-Mobile's daily limit for the US brand is used up.", TOMORROW),
    row(30035, Retry, "The US number is still being added to its campaign.", "Wait until Twilio shows the number as registered; that can take days."),
    row(63009, Retry, "The channel's provider failed to carry out the request.", WAIT),
    row(63010, Retry, "Twilio had an internal error on this channel.", WAIT),
    row(63012, Retry, "The channel's provider had an internal error.", WAIT),
    row(63017, Retry, "The channel could not take the message at this moment.", WAIT),
    row(63018, Retry, "Messages went out faster than the channel allows.", "Lower the pace of this sender."),
    row(63038, Retry, "The account has sent all messages that it may send in a day.", TOMORROW),

    row(21611, RetryLater, "The sender's queue at Twilio is full.", "Wait some minutes; spread large mailings over time or over several numbers."),

    row(20500, Once, "Twilio had an internal error.", ASK_TWILIO),
    row(20503, Once, "Twilio's service was unavailable.", "Look at Twilio's status page, then try once more."),
    row(30003, Once, "The phone was switched off, out of coverage or roaming.", "Try once more some hours later."),
    row(30008, Once, "The carrier reported a failure without a reason.", ASK_TWILIO),
    row(30036, Once, "The message expired before it could be sent.", "Send it again with a longer validity, or at a lower pace."),
    row(30410, Once, "A provider on the way did not answer in time.", ASK_TWILIO),
    row(30500, Once, "A provider on the way failed.", ASK_TWILIO),
    row(63019, Once, "The attachment could not be fetched.", "Check that the attachment's URL is public, then try once more."),

    row(21211, Recipient, "The recipient's number is not valid.", CORRECT_NUMBER),
    row(21214, Recipient, "The recipient's number can't be reached.", CORRECT_NUMBER),
    row(21216, Recipient, "This number may not be called from the account.", OTHER_CHANNEL),
    row(21217, Recipient, "The number does not look like a phone number.", CORRECT_NUMBER),
    row(21610, Recipient, "The recipient has opted out of texts from this sender.", "Only the recipient can change that, by texting START."),
    row(21612, Recipient, "Twilio has no route from this sender to this number.", "Try another sender, or reach this person in another way."),
    row(21614, Recipient, "The recipient's number is not a mobile number.", CORRECT_NUMBER),
    row(21635, Recipient, "The recipient's number is a landline.", "Call instead, or ask for a mobile number."),
    row(30004, Recipient, "The recipient or their carrier blocks messages.", OTHER_CHANNEL),
    row(30005, Recipient, "The number is unknown or no longer in service.", CORRECT_NUMBER),
    row(30006, Recipient, "The number is a landline or its carrier takes no texts.", "Call instead, or ask for a mobile number."),
    row(30009, Recipient, "A part of a long inbound message was lost on its way to us.", "Ask the sender to repeat the message."),
    row(63003, Recipient, "The channel knows no such recipient.", CORRECT_NUMBER),
    row(63014, Recipient, "The recipient has blocked this sender.", OTHER_CHANNEL),
    row(63024, Recipient, "The channel does not accept this recipient.", CORRECT_NUMBER),
    row(63032, Recipient, "WhatsApp does not let this person be written to.", OTHER_CHANNEL),
    row(63033, Recipient, "The recipient is barred from receiving messages.", OTHER_CHANNEL),

    row(20003, Fix, "Twilio refused the account SID and auth token.", "Copy both again from the Twilio console; the token may have been changed there."),
    row(20005, Fix, "The Twilio account is not active.", "Reactivate the account in the Twilio console."),
    row(20008, Fix, "Twilio's test credentials can't do this.", "Enter the account's live credentials."),
    row(21210, Fix, "The calling number is not verified.", "Verify the number in the Twilio console."),
    row(21212, Fix, "The sender's number is not valid.", OWN_SENDER),
    row(21215, Fix, "Calls to this country are switched off in the account.", "Allow the country under voice geographic permissions in the Twilio console."),
    row(21219, Fix, "A trial account reaches only verified numbers, and this one isn't.", "Verify the number in the Twilio console, or upgrade the account."),
    row(21408, Fix, "Texts to this country are switched off in the account.", "Allow the country under messaging geographic permissions in the Twilio console."),
    row(21601, Fix, "The sender is no number of this account that can text.", OWN_SENDER),
    row(21606, Fix, "The sender can't text to this recipient from this account.", OWN_SENDER),
    row(21608, Fix, "A trial account texts only verified numbers, and this one isn't.", "Verify the number in the Twilio console, or upgrade the account."),
    row(21659, Fix, "The sender is no Twilio number, or a short code of another country.", OWN_SENDER),
    row(21660, Fix, "The sender belongs to another Twilio account than the credentials.", "Check at once which account the number and the credentials belong to."),
    row(21661, Fix, "The sender can't send texts.", OWN_SENDER),
    row(21703, Fix, "The Messaging Service has no number free to send this.", "Add a suitable number to the service's sender pool."),
    row(21704, Fix, "The Messaging Service has no numbers.", "Add a number to the service's sender pool."),
    row(21705, Fix, "The Messaging Service is not valid.", "Copy the service's SID again from the Twilio console."),
    row(30002, Fix, "The Twilio account is suspended.", "Look for the reason in the Twilio console, or ask Twilio's support."),
    row(30007, Fix, "The message was filtered as unwanted or against the rules.", "Do not send the same text again; change it, and check the sender's registration."),
    row(30010, Fix, "The message costs more than the limit set for it.", "Raise or remove the price limit."),
    row(30011, Fix, "Pictures can't be sent to this number or region.", "Send a text with a link instead."),
    row(30018, Fix, "The recipient's country wants sender names registered beforehand.", REGISTER),
    row(30024, Fix, "The recipient's carrier does not know the sender yet.", REGISTER),
    row(30032, Fix, "The toll-free number is not verified.", REGISTER),
    row(30033, Fix, "The US campaign of this number is suspended.", "Look for the reason in the Twilio console."),
    row(30034, Fix, "The US number belongs to no registered campaign.", REGISTER),
    row(30450, Fix, "Twilio blocked the message as suspected fraud.", "Check for sign-ups by machines; if the traffic is genuine, ask Twilio's support."),
    row(63001, Fix, "The channel did not accept the sender's credentials.", CHANNEL_SETUP),
    row(63007, Fix, "The account has no such sender on this channel.", CHANNEL_SETUP),
    row(63013, Fix, "The message is against the channel's rules.", "Change the message; do not send it again as it is."),
    row(63015, Fix, "The sandbox reaches only people who have joined it.", "Let the recipient join the sandbox, or use a sender of your own."),
    row(63026, Fix, "The channel refused the message because of the sender or its content.", CHANNEL_SETUP),
    row(63051, Fix, "The WhatsApp business account is locked.", "Look for the reason in Meta's business manager."),

    row(20001, Input, "Twilio did not accept a parameter.", REPORT),
    row(20004, Input, "Twilio does not offer this operation here.", REPORT),
    row(20404, Input, "Twilio knows no such object in this account.", "Check that it exists and belongs to the account of these credentials."),
    row(21201, Input, "The number to call is missing.", REPORT),
    row(21205, Input, "A URL in the request is not valid.", "Check the public URL in the settings."),
    row(21220, Input, "The call is over already, so it can't be changed.", "Nothing to do, since the call has ended."),
    row(21602, Input, "The message has no text.", "Enter a text or attach a file."),
    row(21603, Input, "The message has no sender.", "Choose a number or a Messaging Service."),
    row(21604, Input, "The message has no recipient.", "Enter the recipient's number."),
    row(21609, Input, "Twilio did not accept the URL for delivery reports.", "Check the public URL in the settings."),
    row(21617, Input, "The text is longer than 1,600 characters.", "Shorten the text, or split it into several messages."),
    row(21619, Input, "The message has neither text nor attachment.", "Enter a text or attach a file."),
    row(21620, Input, "The URL of an attachment is not valid.", "Use a public http or https URL."),
    row(21623, Input, "The message has more than ten attachments.", "Send at most ten attachments with a message."),
    row(21656, Input, "The variables of the message template are not valid.", "Check the template's variables."),
    row(30019, Input, "The attachments are too large for the recipient's carrier.", "Send smaller files, or a link."),
    row(63005, Input, "The channel does not accept this content.", "Change the text or the attachments."),
    row(63016, Input, "Outside the 24 hours after the last message, this channel wants a template.", "Send an approved template."),

    row(11200, Endpoint, "Twilio could not get an answer from our URL.", OUR_URL),
    row(11205, Endpoint, "Twilio could not connect to our URL.", OUR_URL),
    row(11206, Endpoint, "Our answer broke the HTTP protocol.", "Check the proxy in front of the service."),
    row(11210, Endpoint, "The host name of our URL can't be resolved.", "Check the public URL in the settings and its DNS entry."),
    row(11215, Endpoint, "Our URL redirected too many times.", "Enter the final URL as the public URL."),
    row(11220, Endpoint, "Twilio could not set up TLS with our URL.", OUR_TLS),
    row(11237, Endpoint, "Twilio could not verify our certificate's chain.", OUR_TLS),
    row(11750, Endpoint, "Our answer was longer than 64 kB.", OUR_TWIML),
    row(12100, Endpoint, "Our answer was no well-formed XML.", OUR_TWIML),
    row(12200, Endpoint, "Our answer was no valid TwiML.", OUR_TWIML),
    row(12300, Endpoint, "Our answer had a content type that Twilio does not take.", OUR_TWIML),
    row(14107, Endpoint, "Two numbers answered each other too often, so Twilio stopped the replies.", "Check for an automatic answer that answers an automatic answer."),
];
