//! What the demo says when it is up.

use secrecy::ExposeSecret;
use serde_json::json;

use super::Logins;
use super::story::{AGENT_EMAIL, CHANNELS, OWNER_EMAIL, TENANT};

/// Where to go, how to log in, and something to paste into a terminal.
///
/// Each login stands alone on two lines, and the `curl` on one, to be copied as they are.
pub(crate) fn welcome(service: &str, simulator: &str, logins: &Logins) -> String {
    let Logins {
        owner_password,
        agent_password,
        ..
    } = logins;
    let [owner_password, agent_password] =
        [owner_password, agent_password].map(ExposeSecret::expose_secret);
    let numbers = CHANNELS
        .map(|(name, number)| format!("{number} ({name})"))
        .join(", ");
    let curl = curl(service, owner_password);
    format!(
        "listening on {service}

{TENANT} is open for business. Twilio is simulated: no text leaves this machine.

Inbox:    {service}/
API docs: {service}/docs
API:      {service}/api/v1
Handset:  {simulator}/
          Text as a customer to {numbers}.

The owner logs in with
{OWNER_EMAIL}
{owner_password}

and the agent with
{AGENT_EMAIL}
{agent_password}

The conversations:
{curl}

Ctrl-C ends it; everything is kept for the next time, until --reset."
    )
}

/// Logs in and lists the conversations; needs nothing but a shell, curl and sed.
fn curl(service: &str, password: &str) -> String {
    let login = json!({ "email": OWNER_EMAIL, "password": password });
    format!(
        "curl -sS {service}/api/v1/conversations -H \"Authorization: Bearer $(curl -sS \
         {service}/api/v1/auth/login -H 'Content-Type: application/json' -d '{login}' | \
         sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        let logins = Logins {
            owner_password: "own-pass".into(),
            agent_password: "agent-pass".into(),
            auth_token: "twilio-token".into(),
        };
        welcome("http://127.0.0.1:8080", "http://127.0.0.1:8081", &logins)
    }

    #[test]
    fn each_login_is_an_address_and_below_it_the_password() {
        let text = text();
        let lines: Vec<&str> = text.lines().collect();
        let below = |email: &str| {
            lines
                .iter()
                .position(|line| *line == email)
                .map(|at| lines[at + 1])
                .unwrap()
        };
        assert_eq!(below(OWNER_EMAIL), "own-pass");
        assert_eq!(below(AGENT_EMAIL), "agent-pass");
        assert!(!text.contains("twilio-token"));
    }

    #[test]
    fn the_curl_is_one_line_that_a_shell_understands() {
        let text = text();
        let curl: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("curl "))
            .collect();
        let [curl] = curl[..] else { panic!("{curl:?}") };
        // The inner curl stands in for the service: what sed makes of its answer is the token.
        let script = format!(
            "curl() {{ case \"$*\" in *auth/login*) \
             echo '{{\"token\":\"abc.d\",\"refresh_token\":\"no\"}}';; *) echo \"$@\";; esac; }}\n{curl}"
        );
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(script)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.contains("/api/v1/conversations"), "{printed}");
        assert!(
            printed.trim_end().ends_with("Authorization: Bearer abc.d"),
            "{printed}"
        );
    }
}
