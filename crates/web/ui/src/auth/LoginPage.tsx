import { Alert, Anchor, Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import { postOpen, session } from "../api/client";
import { ApiProblem } from "../api/problem";
import { strings } from "../app/strings";
import { errorWords } from "../components/errorWords";
import { PasswordField } from "../pages/common/PasswordField";
import { useStore } from "../lib/store";
import { AuthLayout } from "./AuthLayout";
import classes from "./AuthLayout.module.css";

const t = strings.auth.login;

export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const state = useStore(session.store);
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "", password: "" } });
  const login = useMutation({
    mutationFn: (values: { email: string; password: string }) => postOpen("/api/v1/auth/login", values),
    onSuccess: (answer) => void session.adopt(answer),
  });

  // Also when another tab logs in.
  useEffect(() => {
    if (state.status === "in") void navigate({ to: next ?? "/inbox", replace: true });
  }, [state.status, navigate, next]);

  const ended = state.status === "out" && state.why === "ended";
  return (
    <AuthLayout
      title={t.title}
      subtitle={t.subtitle}
      footer={
        <>
          {t.toSignUp}{" "}
          <Anchor component={Link} to="/signup" underline="always" inherit>
            {t.signUpLink}
          </Anchor>
        </>
      }
    >
      <form className={classes.form} onSubmit={form.onSubmit((values) => login.mutate(values))}>
        {login.error ? (
          <Alert color="red" variant="light" role="alert">
            {words(login.error)}
          </Alert>
        ) : (
          ended && <Alert variant="light">{t.ended}</Alert>
        )}
        <TextInput
          label={t.email}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
          data-autofocus
          autoFocus
          {...form.getInputProps("email")}
        />
        <PasswordField
          label={t.password}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          {...form.getInputProps("password")}
        />
        <Button type="submit" size="md" loading={login.isPending} mt={4}>
          {t.submit}
        </Button>
      </form>
    </AuthLayout>
  );
}

function words(error: unknown): string {
  if (error instanceof ApiProblem && error.status === 401) return t.wrong;
  return errorWords(error).detail;
}
