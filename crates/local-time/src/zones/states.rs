//! The zones of the states of the United States, its territories, and the provinces of Canada, by
//! postal abbreviation, as Twilio tells where a text came from.
//!
//! Facts after the borders of the zones in 49 CFR part 71 and in the provinces' time acts. A part
//! of a state in which nearly nobody lives is left out, as is one that keeps other clocks than the
//! law says.

use chrono_tz::{America, Pacific};

use super::Row;

#[rustfmt::skip]
pub(super) const US: &[Row] = &[
    (&[America::New_York], "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV"),
    (&[America::New_York, America::Chicago], "FL IN KY MI"),
    (&[America::Chicago, America::New_York], "TN"),
    (&[America::Chicago], "AL AR IA IL LA MN MO MS OK WI"),
    (&[America::Chicago, America::Denver], "KS ND NE SD TX"),
    (&[America::Denver], "CO MT NM UT WY"),
    (&[America::Denver, America::Los_Angeles], "ID"),
    (&[America::Phoenix, America::Denver], "AZ"),
    (&[America::Los_Angeles], "CA WA"),
    (&[America::Los_Angeles, America::Denver], "NV OR"),
    (&[America::Anchorage, America::Adak], "AK"),
    (&[Pacific::Honolulu], "HI"),
    (&[America::Puerto_Rico], "PR VI"),
    (&[Pacific::Guam], "GU MP"),
    (&[Pacific::Pago_Pago], "AS"),
];

#[rustfmt::skip]
pub(super) const CA: &[Row] = &[
    (&[America::St_Johns, America::Halifax], "NL"),
    (&[America::Halifax], "NB NS PE"),
    (&[America::Toronto, America::Halifax], "QC"),
    (&[America::Toronto, America::Winnipeg], "ON"),
    (&[America::Winnipeg], "MB"),
    (&[America::Regina], "SK"),
    (&[America::Edmonton], "AB NT"),
    (&[America::Vancouver, America::Edmonton], "BC"),
    (&[America::Toronto, America::Winnipeg, America::Edmonton], "NU"),
    (&[America::Whitehorse], "YT"),
];
