import { Button } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMe } from "../../api/client";
import { notifyDone } from "../../components/notify";
import { PasswordField } from "../common/PasswordField";
import { settings } from "../../strings/settings";
import { fieldProblems } from "../common/fields";
import { Section } from "../common/Section";
import { Trouble } from "../common/Trouble";
import { useChangePassword } from "../data/team";
import classes from "./SettingsPage.module.css";

const t = settings.password;
const MIN = 8;
const FIELDS = ["current", "new"] as const;

/** Changes one's own password. */
export function PasswordForm() {
  const { user } = useMe();
  const form = useForm({
    initialValues: { current: "", next: "", repeat: "" },
    validate: {
      current: (value) => (value === "" ? t.needed : null),
      next: (value) => ([...value].length < MIN ? t.short : null),
      repeat: (value, { next }) => (value === next ? null : t.differs),
    },
  });
  const change = useChangePassword();
  const { fields, rest } = fieldProblems(change.error, FIELDS);
  const save = ({ current, next }: typeof form.values) =>
    change.mutate(
      { current, new: next },
      {
        onSuccess: () => {
          form.reset();
          notifyDone(t.saved);
        },
      },
    );
  return (
    <Section title={t.title} text={t.text} beside>
      <form className={classes.form} noValidate onSubmit={form.onSubmit(save)}>
        {/* Tells password managers whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        <PasswordField
          label={t.current}
          autoComplete="current-password"
          {...form.getInputProps("current")}
          error={form.errors["current"] ?? fields.current}
        />
        <PasswordField
          label={t.next}
          description={t.hint}
          autoComplete="new-password"
          {...form.getInputProps("next")}
          error={form.errors["next"] ?? fields.new}
        />
        <PasswordField label={t.repeat} autoComplete="new-password" {...form.getInputProps("repeat")} />
        <Trouble error={rest ? change.error : null} />
        <div className={classes.foot}>
          <Button type="submit" variant="default" loading={change.isPending}>
            {t.submit}
          </Button>
        </div>
      </form>
    </Section>
  );
}
