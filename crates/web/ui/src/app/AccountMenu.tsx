import { Menu, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconBook, IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun } from "@tabler/icons-react";

import { logOut, useMe } from "../api/client";
import { Avatar } from "../components/Avatar";
import { overlay } from "./commands";
import { strings } from "./strings";
import classes from "./Navigation.module.css";

const t = strings.common;

export const SCHEMES = [
  { value: "light", label: t.colorScheme.light, icon: IconSun },
  { value: "dark", label: t.colorScheme.dark, icon: IconMoon },
  { value: "auto", label: t.colorScheme.auto, icon: IconDeviceDesktop },
] as const;

/** Who is logged in; appearance, help, and the way out. */
export function AccountMenu() {
  const { user, tenant } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="right-end" width={230} offset={10}>
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <span className="visually-hidden">{`${t.nav.account}: ${user.name}`}</span>
          <Avatar name={user.name} seed={user.id} size={34} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name} · {t.roles[user.role]}
          <br />
          {tenant.name}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t.colorScheme.label}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          {SCHEMES.map((scheme) => (
            <Menu.RadioItem key={scheme.value} value={scheme.value} rightSection={<scheme.icon size={16} stroke={1.7} aria-hidden />}>
              {scheme.label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.7} />} onClick={() => overlay.set("keys")}>
          {t.nav.keys}
        </Menu.Item>
        <Menu.Item component="a" href="/docs/" target="_blank" leftSection={<IconBook size={16} stroke={1.7} />}>
          {t.nav.docs}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} />} onClick={() => void logOut()}>
          {t.nav.logOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
