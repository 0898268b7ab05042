import { Alert, Anchor, Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

import { postOpen, session } from "../api/client";
import { ApiProblem } from "../api/problem";
import { strings } from "../app/strings";
import { errorWords, sentence } from "../components/errorWords";
import { PasswordField } from "../pages/common/PasswordField";
import { useStore } from "../lib/store";
import { AuthLayout } from "./AuthLayout";
import classes from "./AuthLayout.module.css";

const t = strings.auth.signUp;

const FIELDS = ["tenant_name", "name", "email", "password", "default_country"] as const;
type Values = Record<(typeof FIELDS)[number], string>;

export function SignUpPage() {
  const navigate = useNavigate();
  const state = useStore(session.store);
  const form = useForm<Values>({
    mode: "uncontrolled",
    initialValues: { tenant_name: "", name: "", email: "", password: "", default_country: "US" },
  });
  const signUp = useMutation({
    mutationFn: (values: Values) =>
      postOpen("/api/v1/auth/register", {
        ...values,
        name: values.name || null,
        default_country: values.default_country.trim().toUpperCase() || null,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      }),
    onSuccess: (answer) => void session.adopt(answer),
    onError: (error) => form.setErrors(fieldErrors(error)),
  });

  useEffect(() => {
    if (state.status === "in") void navigate({ to: "/inbox", replace: true });
  }, [state.status, navigate]);

  const field = (name: keyof Values) => ({ size: "md", withAsterisk: false, ...form.getInputProps(name) }) as const;
  const general = signUp.error && Object.keys(fieldErrors(signUp.error)).length === 0;
  return (
    <AuthLayout
      title={t.title}
      subtitle={t.subtitle}
      footer={
        <>
          {t.toLogin}{" "}
          <Anchor component={Link} to="/login" underline="always" inherit>
            {t.loginLink}
          </Anchor>
        </>
      }
    >
      <form className={classes.form} onSubmit={form.onSubmit((values) => signUp.mutate(values))}>
        {general && (
          <Alert color="red" variant="light" role="alert">
            {words(signUp.error)}
          </Alert>
        )}
        <TextInput label={t.business} autoComplete="organization" required autoFocus {...field("tenant_name")} />
        <TextInput label={t.name} autoComplete="name" {...field("name")} />
        <TextInput label={t.email} type="email" autoComplete="username" required {...field("email")} />
        <PasswordField
          label={t.password}
          description={t.passwordHint}
          autoComplete="new-password"
          required
          minLength={8}
          {...field("password")}
        />
        <TextInput label={t.country} description={t.countryHint} maxLength={2} {...field("default_country")} />
        <Button type="submit" size="md" loading={signUp.isPending} mt={4}>
          {t.submit}
        </Button>
      </form>
    </AuthLayout>
  );
}

function fieldErrors(error: unknown): Partial<Values> {
  if (!(error instanceof ApiProblem)) return {};
  const found: Partial<Values> = {};
  for (const name of FIELDS) {
    const detail = error.field(`/${name}`);
    if (detail) found[name] = sentence(detail);
  }
  return found;
}

function words(error: unknown): string {
  if (error instanceof ApiProblem && error.status === 403) return t.off;
  return errorWords(error).detail;
}
