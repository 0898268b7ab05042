import { Button } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { logOut, useMe } from "../../api/client";
import { common } from "../../strings/common";
import { settings } from "../../strings/settings";
import { Section } from "../common/Section";
import classes from "./SettingsPage.module.css";

const t = settings.login;

/** Who is logged in here, and the way out. */
export function LoginSection() {
  const { user } = useMe();
  return (
    <Section title={t.title} text={t.text} beside>
      <div className={classes.row}>
        <div>
          <div>{t.as(user.email)}</div>
          <div className={classes.soft}>{t.role(common.roles[user.role])}</div>
        </div>
        <Button variant="default" leftSection={<IconLogout size={16} />} onClick={() => void logOut()}>
          {t.logOut}
        </Button>
      </div>
    </Section>
  );
}
