-- A database as version 0.1 with the one migration 0001_begin left it: web domains in many states, made by that code itself.
-- Its clock stood at 1796932519511; its master key, worth nothing elsewhere, is the file beside this one. Never edited.
BEGIN TRANSACTION;
CREATE TABLE acme_accounts (
    ca text not null,                   -- the CA's configured name
    directory text not null,            -- its directory URL
    sealed blob not null,               -- the store's envelope around the credentials
    account_uri text not null,          -- RFC 8555 section 7.3; also what CAA's accounturi names
    created_at integer not null,
    primary key (ca, directory)
) strict;
CREATE TABLE agencies (
    id text not null primary key,
    customer text not null references customers (id),
    name text not null,
    name_key text not null,             -- lower case
    created_at integer not null,
    unique (customer, name_key)
) strict;
CREATE TABLE api_tokens (
    id text not null primary key,       -- the token's public part
    name text not null,
    secret_sha256 blob not null,        -- of the secret part, which has 256 random bits and needs no slow hash
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    customer text references customers (id),
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    check ((customer is null) = (role in ('operator', 'support')))
) strict;
CREATE TABLE certificates (
    id text not null primary key,
    domain text not null references domains (id),
    key_id text not null references keys (id),
    source text not null check (source in ('acme', 'upload')),
    names text not null,                -- JSON list of the DNS names
    authority text not null,
    issuer text not null,
    serial text not null,
    fingerprint_sha256 text not null,
    not_before integer not null,
    not_after integer not null,
    chain_pem text not null,            -- leaf first
    issued_at integer not null,
    status text not null check (status in ('current', 'superseded', 'revoked'))
) strict;
INSERT INTO "certificates" VALUES('01a21434-8b07-700d-8f92-056d780e85b8','01a21434-8b07-7001-95c2-499acfa64395','01a21434-8b07-7007-9098-d49cee43f935','acme','["live.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','2313ebf9ec243c6332e62a7589bf59788e3fd0a2','6382f2f8428dad85b82b260303b974012ea5a5cfa04a36bab0c6d6c6537fa670',1795635257000,1803411257000,'-----BEGIN CERTIFICATE-----
MIIBcjCCARigAwIBAgIUIxPr+ewkPGMy5ip1ib9ZeI4/0KIwCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMTI1MTkzNDE3WhcNMjcwMjIzMTkzNDE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
XypZ59hN6Ra7hmQ2Wu5nYOF7MrLdHoLzw2IdbeXSLsiHKk7meJB2Akfh/47bAqKc
lLIiEaSMAfmMvITZprslE6MeMBwwGgYDVR0RBBMwEYIPbGl2ZS5jb3VydC50ZXN0
MAoGCCqGSM49BAMCA0gAMEUCIAL3Vvw3CbjlWr6kJi5nRLribKWgyYOxNdCCSj3S
W+baAiEA9AWTrTIcuWz+prJgcgzt5b4JCQK5YmD6qTBhNv0KOHM=
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1795635317511,'current');
INSERT INTO "certificates" VALUES('01a21435-7567-701e-9e46-2292e701ead6','01a21434-8b07-7012-afad-fffa1656359b','01a21435-7567-7018-ab82-0eb4fcfc270a','acme','["renewed.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','3949ee4a25ceaafdded31dd1ee2b6abf5a1b6c7a','b20808e966ae0a139cb33439615c961850e0243bd8360aac9b406aa719a2f073',1795635317000,1796672117000,'-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUOUnuSiXOqv3e0x3R7itqv1obbHowCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMTI1MTkzNTE3WhcNMjYxMjA3MTkzNTE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
neGeajPGYygDdfgkEUqmRAA3EFbGUVijhDYjitOh21ZkyRdafeOqwkVUT6ZZGyKm
q74wk1XRgI1cbzrlj48yxaMhMB8wHQYDVR0RBBYwFIIScmVuZXdlZC5jb3VydC50
ZXN0MAoGCCqGSM49BAMCA0cAMEQCIF1Blfnqrlc2+l6kAqjSB5eo7Mm8bU5F/4U3
R8DpfeQwAiBtuYraIsVZT9ivDYtXEF7naTLIQEqNWn/B6TnrAE3zkA==
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1795635377511,'superseded');
INSERT INTO "certificates" VALUES('01a23c1e-be67-7068-af9b-9ace02083b00','01a21434-8b07-7012-afad-fffa1656359b','01a23c1e-be67-7062-b8c0-ff7d14ee109e','acme','["renewed.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','025a650f1d8a6fd9d8acd85e11f41f9564ce1be6','5e2d159652cc9953e9ccb0f24506994c7a4f82c3d19dd7c44842915e39cb7d98',1796304917000,1804080917000,'-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUAlplDx2Kb9nYrNheEfQflWTOG+YwCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMjAzMTMzNTE3WhcNMjcwMzAzMTMzNTE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
PfHUVjbUY+hLV1dfp4eyUTurIPwjL0CmcRYW8/3ti7sSrgv9oJo9yJvW65chBKjo
tlDvN3wH5sI1nNaSPWnV16MhMB8wHQYDVR0RBBYwFIIScmVuZXdlZC5jb3VydC50
ZXN0MAoGCCqGSM49BAMCA0cAMEQCIDysCin3X7rOgOIde4aIb+qNTEXHiWtSXfVQ
yepVALX5AiBxZvkxq+ov0mmH/dFPiwKcPnO/UTBdCdOM3Y+CahKF0g==
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1796304977511,'current');
INSERT INTO "certificates" VALUES('01a26175-c3c7-70b3-8bd4-ea53b64c9635','01a26174-d967-70a7-a4c2-1c366668c12f','01a26175-c3c7-70ad-b201-bcc6b7da0fff','acme','["moved.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','565514376259c20ac504894960e502b10aa2ac66','81afa920a15a8609e554192b1929e585280c9a0f24121b8e6f0ff2caf702b6b6',1796931377000,1804707377000,'-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUVlUUN2JZwgrFBIlJYOUCsQqirGYwCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMjEwMTkzNjE3WhcNMjcwMzEwMTkzNjE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
zMJqFACZwFmSqH80tDenf1Odba6uFILZ9JvExntI7+jJ9m4Z6uDvTemm6t43X9X4
w0/8ojBTEewASy6Lqo0qcaMfMB0wGwYDVR0RBBQwEoIQbW92ZWQuY291cnQudGVz
dDAKBggqhkjOPQQDAgNIADBFAiEAxXCrbYv3qU9eEAnSAyDB0/i5JqxJqENl0MIu
swdLxZMCIFfNXN5xrxB1Q4bDq44Q2Wpr5AVtM4gQQO5Un2enmrWQ
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1796931437511,'current');
INSERT INTO "certificates" VALUES('01a26184-69c7-70c7-bd6c-029fb8bf89b5','01a26175-c3c7-70b8-b6ee-39a52a09b1c0','01a26184-69c7-70c1-bae4-13968c452fcc','acme','["unrouted.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','1a92d91944c3d7a0cd0fe3cfc8f968dac62660bc','2fe5b53a1d1cb78cdf4322b62eca6216045296e90a5f1f44d2a675e5cfccb24d',1796932337000,1804708337000,'-----BEGIN CERTIFICATE-----
MIIBdjCCARygAwIBAgIUGpLZGUTD16DND+PPyPlo2sYmYLwwCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMjEwMTk1MjE3WhcNMjcwMzEwMTk1MjE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
cBBeeJPpVFhDti9WiQU1baD80jGNwMEcN17S8ht32WnHnVZxskK4NKK7eSWWZJyx
gR/PwqKSXUM4FtbSHM0ZcqMiMCAwHgYDVR0RBBcwFYITdW5yb3V0ZWQuY291cnQu
dGVzdDAKBggqhkjOPQQDAgNIADBFAiEA/01ZcEODdmk8fcTAPVME66ZklW/PX0rS
D4nvrzZ+GZwCIEaFN1BZZ/5tocdOSkqPHccRnWfrJ1rwB6vJAPV9VbkU
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1796932397511,'current');
INSERT INTO "certificates" VALUES('01a26184-69c7-70d5-b088-6ea8f5fc3cd1','01a26175-c3c7-70bb-8633-079dff908218','01a26184-69c7-70cf-8f04-25a0d8e27a1b','acme','["removed.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','2b10385e0f5623af1a3aa2d91c86699331bbe7d6','58ee7b02505200c0ab606f442f1935620dbbfb3b566b13e12d6ed0acc7a747a5',1796932337000,1804708337000,'-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUKxA4Xg9WI68aOqLZHIZpkzG759YwCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMjEwMTk1MjE3WhcNMjcwMzEwMTk1MjE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
JJa59puHFl7q8Zxbr8clFugN6hFwXm51BJ+bvDn9EGzvBxXZQNx2jOx+2SQSHIh6
+WrTgPrfaYLtT21V817WuKMhMB8wHQYDVR0RBBYwFIIScmVtb3ZlZC5jb3VydC50
ZXN0MAoGCCqGSM49BAMCA0cAMEQCIFRDW99hQCa8ShshgkTmW+JeQuvcZTGvNVK7
Y7eC4UxUAiAY85o0RSWGwDU13zCSyRcS1cfO1WDfLCVVCCglfESsUA==
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1796932397511,'current');
INSERT INTO "certificates" VALUES('01a26185-5427-70ec-9a55-5761d791bc02','01a26184-69c7-70e0-b5a0-54d34981b3a6','01a26185-5427-70e6-b29b-edc6f97650ea','acme','["disabled.court.test"]','Scripted CA','CN=Scripted CA Root, O=Scripted CA','04c624afc1163005308e174489f052b9acc34bf7','94c08f390ae57638d049d2838b906d0981c555fa23324935d16b01c91a056b51',1796932397000,1804708397000,'-----BEGIN CERTIFICATE-----
MIIBdzCCARygAwIBAgIUBMYkr8EWMAUwjhdEifBSuazDS/cwCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwHhcNMjYxMjEwMTk1MzE3WhcNMjcwMzEwMTk1MzE3WjAhMR8wHQYDVQQDDBZy
Y2dlbiBzZWxmIHNpZ25lZCBjZXJ0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
2grDh3d/DuDDRAMa8yizVF3myDWAc+BOpCB3QcW7sHaouF3UA9oHe6E3HAq9cBK5
XBAQH8jtMd8g75wJCaujaKMiMCAwHgYDVR0RBBcwFYITZGlzYWJsZWQuY291cnQu
dGVzdDAKBggqhkjOPQQDAgNJADBGAiEA5HU3MV/0RkllmjFpXP5c30NNUb8Vdt51
9Wt/b/XZE3YCIQCnyULtEyprz2K/U/A6HDDsoI+gImiz5qtIXye9IguSJw==
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUWC35YYvy4qMm3BEry0mC6RBPXL4wCgYIKoZIzj0EAwIw
MTEZMBcGA1UEAwwQU2NyaXB0ZWQgQ0EgUm9vdDEUMBIGA1UECgwLU2NyaXB0ZWQg
Q0EwIBcNNzUwMTAxMDAwMDAwWhgPNDA5NjAxMDEwMDAwMDBaMDExGTAXBgNVBAMM
EFNjcmlwdGVkIENBIFJvb3QxFDASBgNVBAoMC1NjcmlwdGVkIENBMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE90z6vMLdGXqGgGGPiAeZUBPN6fEt56ADSTpJ721C
73O2Z37YE6zYx/6V2SmLD2JBl3oHEf9ZlWvz0xo2Pt5MBaMyMDAwHQYDVR0OBBYE
FBASXTYkpna6wSB3MrObT8nyEQRbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDSAAwRQIgeRbvsRt/7UUCGUtAgu7kK5MBzlQRQEL4EeLfcgdFxyECIQCigkUu
sGb1XEOWLLOMjhOfu5TVu6vxJAtRKgQgSdtNXA==
-----END CERTIFICATE-----
',1796932457511,'current');
CREATE TABLE challenges (
    label text not null,                -- first label of the name in the DCV zone
    value text not null,                -- the TXT value (RFC 8555 section 8.4)
    domain text not null references domains (id),
    order_id text not null references orders (id),
    shown_at integer not null,
    primary key (label, value)
) strict;
CREATE TABLE customers (
    id text not null primary key,
    name text not null,                 -- as people read it
    name_key text not null unique,      -- lower case: two customers never differ by case alone
    created_at integer not null
) strict;
INSERT INTO "customers" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','County','county',1795635317511);
INSERT INTO "customers" VALUES('01a26186-3e87-7100-bddb-145ddf66b4dd','Rival','rival',1796932517511);
CREATE TABLE dcv_labels (
    label text not null primary key,
    domain text not null,               -- the claim
    created_at integer not null,
    retired_at integer                  -- when the last domain of the claim was removed
) strict;
INSERT INTO "dcv_labels" VALUES('3zpnmuxragc7hyzjvgkg2ovqgi','01a21434-8b07-7001-95c2-499acfa64395',1795635317511,NULL);
INSERT INTO "dcv_labels" VALUES('nafogjwsci2tlp3xadxtp5agyu','01a21434-8b07-7012-afad-fffa1656359b',1795635317511,NULL);
INSERT INTO "dcv_labels" VALUES('r7spwpcwrmabjc6ecxasulror4','01a26174-d967-70a7-a4c2-1c366668c12f',1796931377511,NULL);
INSERT INTO "dcv_labels" VALUES('2z5h7hix7wqerhphjwdyazuliq','01a26175-c3c7-70b8-b6ee-39a52a09b1c0',1796931437511,NULL);
INSERT INTO "dcv_labels" VALUES('3uowzfctl54y5azigmkkmhhnxi','01a26175-c3c7-70bb-8633-079dff908218',1796931437511,1796932397511);
INSERT INTO "dcv_labels" VALUES('a4plk3mjwxw4jlwwzpypxqvuru','01a26184-69c7-70e0-b5a0-54d34981b3a6',1796932397511,NULL);
INSERT INTO "dcv_labels" VALUES('khu3i7vtxk3izd4xkwvp4wnv3e','01a26185-5427-70f2-a5d3-7a686b84a823',1796932457511,NULL);
INSERT INTO "dcv_labels" VALUES('gsn7za6zgnnh7nylnqyg47obei','01a26186-3e87-7101-9d37-ff22e712465d',1796932517511,NULL);
INSERT INTO "dcv_labels" VALUES('t27cso5miwywroc7t6pun2hfbu','01a26186-3e87-7104-acbd-8ba13a49306e',1796932517511,NULL);
INSERT INTO "dcv_labels" VALUES('pzu6ffsv3qoj2pftupjfubttdu','01a26186-426f-710b-9eae-2617011b94db',1796932518511,NULL);
CREATE TABLE domains (
    id text not null primary key,
    customer text not null references customers (id),
    agency text references agencies (id),
    name text not null,                 -- what people call it
    hostname text not null,             -- lower-case ASCII, a wildcard with its leading "*."
    search text not null,               -- hostname and name in lower case, for searching as people type
    alias text not null,                -- which service it routes to
    verification_method text not null check (verification_method in ('txt', 'http', 'email')),
    ssl_validation text not null check (ssl_validation in ('dns', 'http')),
    token text not null,
    dcv_label text not null references dcv_labels (label),
    created_at integer not null,
    removed_at integer,                 -- set once; the row is kept for 30 days
    -- The truth, and what guards it.
    facts text not null,                -- JSON of domain::facts::Facts
    revision integer not null,          -- grows with every change of facts or settings
    -- Derived from facts, written in the same statement, for indexes only.
    domain_status text not null,
    ssl_status text not null,
    code text not null,                 -- the cause's code, 'ok' when all is well
    ready integer not null check (ready in (0, 1)),
    held_hostname text,                 -- the hostname, while this claim is the verified holder of it
    certificate text,                   -- the current certificate's id
    live_order text,                    -- the order in flight
    shown integer not null,             -- how many challenge values are on show
    due_at integer not null,            -- when there is work next
    expires_at integer,                 -- end of the current certificate's validity
    -- What people asked since the last look; written without touching revision or lease.
    refresh_at integer,
    watched_since integer,
    watched_until integer,
    asked_seq integer not null,         -- grows with each such request, so that none is lost while work is in flight
    -- The lease.
    lease_owner text,                   -- which worker holds it
    lease_token integer not null,       -- the fencing number: grows with every claim, never falls
    leased_until integer
) strict;
INSERT INTO "domains" VALUES('01a21434-8b07-7001-95c2-499acfa64395','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'live.court.test','live.court.test','live.court.test live.court.test','portal','txt','dns','byu3o5rwo655i6qiqmxg7w4ayu','3zpnmuxragc7hyzjvgkg2ovqgi',1795635317511,NULL,'{"standing":"live","observation":{"at":1796932397511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.live.court.test","value":"padlock-verification=byu3o5rwo655i6qiqmxg7w4ayu"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=byu3o5rwo655i6qiqmxg7w4ayu","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.live.court.test","value":"3zpnmuxragc7hyzjvgkg2ovqgi.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"3zpnmuxragc7hyzjvgkg2ovqgi.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"live.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1795635317511,"attempt":62},"verified_at":1795635317511,"routed_since":1795635317511,"moved_since":null,"order":null,"certificate":{"id":"01a21434-8b07-700d-8f92-056d780e85b8","key":"01a21434-8b07-7007-9098-d49cee43f935","source":"acme","names":["live.court.test"],"authority":"Scripted CA","issuer":"CN=Scripted CA Root, O=Scripted CA","serial":"2313ebf9ec243c6332e62a7589bf59788e3fd0a2","fingerprint_sha256":"6382f2f8428dad85b82b260303b974012ea5a5cfa04a36bab0c6d6c6537fa670","not_before":1795635257000,"not_after":1803411257000},"served":{"at":1795635317511,"outcome":{"Ok":"6382f2f8428dad85b82b260303b974012ea5a5cfa04a36bab0c6d6c6537fa670"},"misses":0},"setback":null,"issued_at":1795635317511,"renew_asked_at":null,"refreshed_for":null,"since":1795635317511}',68,'active','active','ok',1,'live.court.test','01a21434-8b07-700d-8f92-056d780e85b8',NULL,0,1796933297512,1803411257000,NULL,NULL,NULL,0,NULL,62,NULL);
INSERT INTO "domains" VALUES('01a21434-8b07-7012-afad-fffa1656359b','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'renewed.court.test','renewed.court.test','renewed.court.test renewed.court.test','portal','txt','dns','4qu375j5j4rxrzgdywc4pgukt4','nafogjwsci2tlp3xadxtp5agyu',1795635317511,NULL,'{"standing":"live","observation":{"at":1796932397511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.renewed.court.test","value":"padlock-verification=4qu375j5j4rxrzgdywc4pgukt4"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=4qu375j5j4rxrzgdywc4pgukt4","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.renewed.court.test","value":"nafogjwsci2tlp3xadxtp5agyu.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"nafogjwsci2tlp3xadxtp5agyu.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"renewed.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1795635317511,"attempt":62},"verified_at":1795635377511,"routed_since":1795635377511,"moved_since":null,"order":null,"certificate":{"id":"01a23c1e-be67-7068-af9b-9ace02083b00","key":"01a23c1e-be67-7062-b8c0-ff7d14ee109e","source":"acme","names":["renewed.court.test"],"authority":"Scripted CA","issuer":"CN=Scripted CA Root, O=Scripted CA","serial":"025a650f1d8a6fd9d8acd85e11f41f9564ce1be6","fingerprint_sha256":"5e2d159652cc9953e9ccb0f24506994c7a4f82c3d19dd7c44842915e39cb7d98","not_before":1796304917000,"not_after":1804080917000},"served":{"at":1796304977511,"outcome":{"Ok":"5e2d159652cc9953e9ccb0f24506994c7a4f82c3d19dd7c44842915e39cb7d98"},"misses":0},"setback":null,"issued_at":1796304977511,"renew_asked_at":null,"refreshed_for":null,"since":1796304977511}',73,'active','active','ok',1,'renewed.court.test','01a23c1e-be67-7068-af9b-9ace02083b00',NULL,0,1796933297512,1804080917000,NULL,NULL,NULL,0,NULL,62,NULL);
INSERT INTO "domains" VALUES('01a26174-d967-70a7-a4c2-1c366668c12f','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'moved.court.test','moved.court.test','moved.court.test moved.court.test','portal','txt','dns','vwqtstnwspv6m5lugx2lu74vfu','r7spwpcwrmabjc6ecxasulror4',1796931377511,NULL,'{"standing":"live","observation":{"at":1796932517511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.moved.court.test","value":"padlock-verification=vwqtstnwspv6m5lugx2lu74vfu"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=vwqtstnwspv6m5lugx2lu74vfu","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.moved.court.test","value":"r7spwpcwrmabjc6ecxasulror4.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"r7spwpcwrmabjc6ecxasulror4.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"moved.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":"nx_domain"}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796932397511,"attempt":1},"verified_at":1796931437511,"routed_since":null,"moved_since":1796932397511,"order":null,"certificate":{"id":"01a26175-c3c7-70b3-8bd4-ea53b64c9635","key":"01a26175-c3c7-70ad-b201-bcc6b7da0fff","source":"acme","names":["moved.court.test"],"authority":"Scripted CA","issuer":"CN=Scripted CA Root, O=Scripted CA","serial":"565514376259c20ac504894960e502b10aa2ac66","fingerprint_sha256":"81afa920a15a8609e554192b1929e585280c9a0f24121b8e6f0ff2caf702b6b6","not_before":1796931377000,"not_after":1804707377000},"served":{"at":1796931437511,"outcome":{"Ok":"81afa920a15a8609e554192b1929e585280c9a0f24121b8e6f0ff2caf702b6b6"},"misses":0},"setback":null,"issued_at":1796931437511,"renew_asked_at":null,"refreshed_for":null,"since":1796932397511}',9,'moved','active','moved',0,'moved.court.test','01a26175-c3c7-70b3-8bd4-ea53b64c9635',NULL,0,1796932581664,1804707377000,NULL,NULL,NULL,0,NULL,3,NULL);
INSERT INTO "domains" VALUES('01a26175-c3c7-70b8-b6ee-39a52a09b1c0','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'unrouted.court.test','unrouted.court.test','unrouted.court.test unrouted.court.test','portal','txt','dns','omtnredzjwquimsvuc2kyey42y','2z5h7hix7wqerhphjwdyazuliq',1796931437511,NULL,'{"standing":"live","observation":{"at":1796932517511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.unrouted.court.test","value":"padlock-verification=omtnredzjwquimsvuc2kyey42y"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=omtnredzjwquimsvuc2kyey42y","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.unrouted.court.test","value":"2z5h7hix7wqerhphjwdyazuliq.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"2z5h7hix7wqerhphjwdyazuliq.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"unrouted.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":"nx_domain"}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796931437511,"attempt":2},"verified_at":1796932397511,"routed_since":null,"moved_since":null,"order":null,"certificate":{"id":"01a26184-69c7-70c7-bd6c-029fb8bf89b5","key":"01a26184-69c7-70c1-bae4-13968c452fcc","source":"acme","names":["unrouted.court.test"],"authority":"Scripted CA","issuer":"CN=Scripted CA Root, O=Scripted CA","serial":"1a92d91944c3d7a0cd0fe3cfc8f968dac62660bc","fingerprint_sha256":"2fe5b53a1d1cb78cdf4322b62eca6216045296e90a5f1f44d2a675e5cfccb24d","not_before":1796932337000,"not_after":1804708337000},"served":{"at":1796932397511,"outcome":{"Ok":"2fe5b53a1d1cb78cdf4322b62eca6216045296e90a5f1f44d2a675e5cfccb24d"},"misses":0},"setback":null,"issued_at":1796932397511,"renew_asked_at":null,"refreshed_for":null,"since":1796932397511}',8,'verified_not_routed','active','rec_missing',0,'unrouted.court.test','01a26184-69c7-70c7-bd6c-029fb8bf89b5',NULL,0,1796932580754,1804708337000,NULL,NULL,NULL,0,NULL,2,NULL);
INSERT INTO "domains" VALUES('01a26175-c3c7-70bb-8633-079dff908218','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'removed.court.test','removed.court.test','removed.court.test removed.court.test','portal','txt','dns','w4agfkagyxu4qpcwcita4a5c4a','3uowzfctl54y5azigmkkmhhnxi',1796931437511,1796932397511,'{"standing":{"removed":1796932397511},"observation":{"at":1796932397511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.removed.court.test","value":"padlock-verification=w4agfkagyxu4qpcwcita4a5c4a"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=w4agfkagyxu4qpcwcita4a5c4a","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.removed.court.test","value":"3uowzfctl54y5azigmkkmhhnxi.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"3uowzfctl54y5azigmkkmhhnxi.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"removed.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796931437511,"attempt":1},"verified_at":1796932397511,"routed_since":1796932397511,"moved_since":null,"order":null,"certificate":{"id":"01a26184-69c7-70d5-b088-6ea8f5fc3cd1","key":"01a26184-69c7-70cf-8f04-25a0d8e27a1b","source":"acme","names":["removed.court.test"],"authority":"Scripted CA","issuer":"CN=Scripted CA Root, O=Scripted CA","serial":"2b10385e0f5623af1a3aa2d91c86699331bbe7d6","fingerprint_sha256":"58ee7b02505200c0ab606f442f1935620dbbfb3b566b13e12d6ed0acc7a747a5","not_before":1796932337000,"not_after":1804708337000},"served":{"at":1796932397511,"outcome":{"Ok":"58ee7b02505200c0ab606f442f1935620dbbfb3b566b13e12d6ed0acc7a747a5"},"misses":0},"setback":null,"issued_at":1796932397511,"renew_asked_at":null,"refreshed_for":null,"since":1796932397511}',8,'disabled','active','removed',0,NULL,'01a26184-69c7-70d5-b088-6ea8f5fc3cd1',NULL,0,1796932397511,1804708337000,NULL,NULL,NULL,0,NULL,1,NULL);
INSERT INTO "domains" VALUES('01a26184-69c7-70e0-b5a0-54d34981b3a6','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'disabled.court.test','disabled.court.test','disabled.court.test disabled.court.test','portal','txt','dns','6sxkhagq2woil6kxmtg7aeq3tq','a4plk3mjwxw4jlwwzpypxqvuru',1796932397511,NULL,'{"standing":"disabled","observation":{"at":1796932457511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.disabled.court.test","value":"padlock-verification=6sxkhagq2woil6kxmtg7aeq3tq"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=6sxkhagq2woil6kxmtg7aeq3tq","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.disabled.court.test","value":"a4plk3mjwxw4jlwwzpypxqvuru.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"a4plk3mjwxw4jlwwzpypxqvuru.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"disabled.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796932397511,"attempt":1},"verified_at":1796932457511,"routed_since":1796932457511,"moved_since":null,"order":null,"certificate":{"id":"01a26185-5427-70ec-9a55-5761d791bc02","key":"01a26185-5427-70e6-b29b-edc6f97650ea","source":"acme","names":["disabled.court.test"],"authority":"Scripted CA","issuer":"CN=Scripted CA Root, O=Scripted CA","serial":"04c624afc1163005308e174489f052b9acc34bf7","fingerprint_sha256":"94c08f390ae57638d049d2838b906d0981c555fa23324935d16b01c91a056b51","not_before":1796932397000,"not_after":1804708397000},"served":{"at":1796932457511,"outcome":{"Ok":"94c08f390ae57638d049d2838b906d0981c555fa23324935d16b01c91a056b51"},"misses":0},"setback":null,"issued_at":1796932457511,"renew_asked_at":null,"refreshed_for":null,"since":1796932457511}',9,'disabled','active','disabled',0,NULL,'01a26185-5427-70ec-9a55-5761d791bc02',NULL,0,1797018917511,1804708397000,NULL,NULL,NULL,0,NULL,2,NULL);
INSERT INTO "domains" VALUES('01a26185-5427-70f2-a5d3-7a686b84a823','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'refused.court.test','refused.court.test','refused.court.test refused.court.test','portal','txt','dns','baj3vljk5fedhu3e2knv7izvfy','khu3i7vtxk3izd4xkwvp4wnv3e',1796932457511,NULL,'{"standing":"live","observation":{"at":1796932517511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.refused.court.test","value":"padlock-verification=baj3vljk5fedhu3e2knv7izvfy"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=baj3vljk5fedhu3e2knv7izvfy","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.refused.court.test","value":"khu3i7vtxk3izd4xkwvp4wnv3e.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"khu3i7vtxk3izd4xkwvp4wnv3e.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"refused.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796932457511,"attempt":1},"verified_at":1796932517511,"routed_since":1796932517511,"moved_since":null,"order":null,"certificate":null,"served":null,"setback":{"problem":{"kind":"validation","name":"urn:ietf:params:acme:error:scripted","detail":"no"},"at":1796932517511,"tries":1,"retry_at":1796932577511,"retry_after":null,"gist":["court.test","detected:padlock-verification=baj3vljk5fedhu3e2knv7izvfy","detected:khu3i7vtxk3izd4xkwvp4wnv3e.dcv.platform.test","detected:edge.platform.test"]},"issued_at":null,"renew_asked_at":null,"refreshed_for":null,"since":1796932517511}',4,'active','pending_validation','ca_token',0,'refused.court.test',NULL,NULL,0,1796932577511,NULL,NULL,NULL,NULL,0,NULL,1,NULL);
INSERT INTO "domains" VALUES('01a26186-3e87-7101-9d37-ff22e712465d','01a26186-3e87-7100-bddb-145ddf66b4dd',NULL,'live.court.test','live.court.test','live.court.test live.court.test','portal','txt','dns','mgdk7mmgztimv4wg4ilmkil62e','gsn7za6zgnnh7nylnqyg47obei',1796932517511,NULL,'{"standing":"live","observation":{"at":1796932518511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.live.court.test","value":"padlock-verification=mgdk7mmgztimv4wg4ilmkil62e"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=byu3o5rwo655i6qiqmxg7w4ayu","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.live.court.test","value":"gsn7za6zgnnh7nylnqyg47obei.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"3zpnmuxragc7hyzjvgkg2ovqgi.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"live.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796932517511,"attempt":1},"verified_at":null,"routed_since":1796932518511,"moved_since":null,"order":null,"certificate":null,"served":null,"setback":null,"issued_at":null,"renew_asked_at":null,"refreshed_for":null,"since":1796932517511}',2,'verification_pending','not_started','rec_wrong_value',0,NULL,NULL,NULL,0,1796932587541,NULL,NULL,NULL,NULL,0,NULL,1,NULL);
INSERT INTO "domains" VALUES('01a26186-3e87-7104-acbd-8ba13a49306e','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'waiting.court.test','waiting.court.test','waiting.court.test waiting.court.test','portal','txt','dns','3ijminmneqos622wm4qsselory','t27cso5miwywroc7t6pun2hfbu',1796932517511,NULL,'{"standing":"live","observation":{"at":1796932518511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.waiting.court.test","value":"padlock-verification=3ijminmneqos622wm4qsselory"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":"nx_domain"}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.waiting.court.test","value":"t27cso5miwywroc7t6pun2hfbu.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":"nx_domain"}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"waiting.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":"nx_domain"}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796932517511,"attempt":1},"verified_at":null,"routed_since":null,"moved_since":null,"order":null,"certificate":null,"served":null,"setback":null,"issued_at":null,"renew_asked_at":null,"refreshed_for":null,"since":1796932517511}',2,'verification_pending','not_started','rec_missing',0,NULL,NULL,NULL,0,1796932585273,NULL,NULL,NULL,NULL,0,NULL,1,NULL);
INSERT INTO "domains" VALUES('01a26186-426f-710b-9eae-2617011b94db','01a21434-8b07-7000-ac08-09585e6f61b4',NULL,'ordered.court.test','ordered.court.test','ordered.court.test ordered.court.test','portal','txt','dns','wbaxwx7wy4sqljcr6yuiql2aeu','pzu6ffsv3qoj2pftupjfubttdu',1796932518511,NULL,'{"standing":"live","observation":{"at":1796932519511,"took_ms":1,"zone":{"Ok":{"apex":"court.test","servers":[]}},"records":[{"wanted":{"purpose":"validation","type":"TXT","host":"_padlock.ordered.court.test","value":"padlock-verification=wbaxwx7wy4sqljcr6yuiql2aeu"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"TXT","value":"padlock-verification=wbaxwx7wy4sqljcr6yuiql2aeu","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"dcv","type":"CNAME","host":"_acme-challenge.ordered.court.test","value":"pzu6ffsv3qoj2pftupjfubttdu.dcv.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"pzu6ffsv3qoj2pftupjfubttdu.dcv.platform.test","ttl":60}]}}],"resolver":null},{"wanted":{"purpose":"routing","type":"CNAME","host":"ordered.court.test","value":"edge.platform.test"},"answers":[{"server":"ns1.court.test","address":"192.0.2.1","reply":{"records":[{"type":"CNAME","value":"edge.platform.test","ttl":60}]}}],"resolver":null}],"edge_addresses":[]},"curve":{"from":1796932518511,"attempt":1},"verified_at":1796932519511,"routed_since":1796932519511,"moved_since":null,"order":{"id":"01a26186-4657-7110-b610-da833fe72cff","ca":"scripted","key":"01a26186-4657-7111-971d-2526730553eb","planned_at":1796932519511,"renewal":false,"url":null,"shown":[],"issuing":false,"wait_until":1796932519761,"stumbles":1},"certificate":null,"served":null,"setback":null,"issued_at":null,"renew_asked_at":null,"refreshed_for":null,"since":1796932519511}',4,'active','pending_validation','issuing',0,'ordered.court.test',NULL,'01a26186-4657-7110-b610-da833fe72cff',0,1796932519761,NULL,NULL,NULL,NULL,0,NULL,1,NULL);
CREATE TABLE events (
    id text not null primary key,
    customer text not null references customers (id),
    domain text not null references domains (id),
    at integer not null,
    kind text not null,
    actor text not null,                -- a person, a token, or 'padlock'
    summary text not null,              -- one plain sentence
    detail text not null                -- JSON
) strict;
CREATE TABLE keys (
    id text not null primary key,
    domain text not null references domains (id),
    sealed blob not null,               -- the store's envelope around PKCS #8
    csr_der blob not null,              -- RFC 2986
    created_at integer not null
) strict;
INSERT INTO "keys" VALUES('01a21434-8b07-7007-9098-d49cee43f935','01a21434-8b07-7001-95c2-499acfa64395',X'01B37BA80B7A25E009601B8FA38BE286E66BE3EDB281BFA47AF4F9D4A0E37C2E9FD1A58DBE70002369E06CD681AB7017CF7AEEEA235C2A37364ABC28D0091F47D09FEBB4BD88CF588C432B179C43213F4700718AF29EE8A8F986A26628C34093B09D9C17F477A343A8D5E6A1C67EC51FD13EE4133391406130F758C029C8E108700D7B1CA8DA65200346D8F773DE3F3DC26FB599E289F1ADE8011F78A9CFE61FE0B50E87BAE416B75F2A533837BA16A92A94FC26823DC95DE6D074F17EB838FB9A159B5CADD4382A7A6573528FC00968EE2AB10E37C79C1D516CABB321BDBC054826B83B03C07CFEB71F55',X'3081EC30819202010030003059301306072A8648CE3D020106082A8648CE3D030107034200045F2A59E7D84DE916BB8664365AEE6760E17B32B2DD1E82F3C3621D6DE5D22EC8872A4EE67890760247E1FF8EDB02A29C94B22211A48C01F98CBC84D9A6BB2513A030302E06092A864886F70D01090E3121301F301D0603551D110101FF04133011820F6C6976652E636F7572742E74657374300A06082A8648CE3D0403020349003046022100D1528EA1442F23A0FE005A046CE5F6E9BCCA408667ECDA69673EE74BEC17559C022100D811931B378B44C3DDE7707A7A1CA3848E94D7460613B446EA26B6179E674A96',1795635317511);
INSERT INTO "keys" VALUES('01a21435-7567-7018-ab82-0eb4fcfc270a','01a21434-8b07-7012-afad-fffa1656359b',X'01B37BA80B7A25E009B6073FA8C85814EFAB980C97779C3962328170E7879352A569C48458C822E900F5B50A452AEAA75AFB62E746083ABCDD833B02D58E1342F2237EB8F75DE37B3B45F4B816D9EF71F06EA175BA5DB0CFAFCAB2D5B0120D5C95D77021D382B4DDB0E2F1D071CBF41720EFD31109952850C42720D51705BE47C4C960B8E6E207F2D984F3EA4C04E65FE30149AABDF980133D2AFD45DB4D0B00DB8A8968E53F3FB7975176BF9B3A8A2750AB5F3DF4439E9146AF24B31827ED8033DEEB29AF9B71D8A2F64619A96967A9891E4AB96F3C5539CC6FF0B4C565CCD4D0DEADF7422E2ED70E59C0',X'3081EE30819502010030003059301306072A8648CE3D020106082A8648CE3D030107034200049DE19E6A33C663280375F824114AA64400371056C65158A38436238AD3A1DB5664C9175A7DE3AAC245544FA6591B22A6ABBE309355D1808D5C6F3AE58F8F32C5A033303106092A864886F70D01090E3124302230200603551D110101FF04163014821272656E657765642E636F7572742E74657374300A06082A8648CE3D040302034800304502200C9D6BA6E84F5F03EFD8C460D84C8CDA307CF08E2BC384429FCF3953F39F63C7022100DF86CA987A863C86DFB8625E9FC1F4F3A7A563B8E8A4824EDB73E88024355B84',1795635377511);
INSERT INTO "keys" VALUES('01a23c1e-be67-7062-b8c0-ff7d14ee109e','01a21434-8b07-7012-afad-fffa1656359b',X'01B37BA80B7A25E009AE1E1A952998900878219FC4B6B2202F1EC02CE0046C8274222880E926B9D41035A24B363A242B6D3D41B1DD235FD4583B07CE13B8B5F1662D01ADA1B2374623BB8E03A07FB222648848172CADA7707C150B4FFC639B9C6FFE270E236611C3F0D0B141815A719BF491EF6CA05168BA3B0ADD4ECFE5CEAA0E428E591EC821CE04181C0F14539F1A644F3B715BB63D1415A2EAA9882676B228D9DFABD80ECA15EB4CC864F5D8D79E6C14CE0AF09E2390F21AE4709C22AC6BD7492C78326836D8C4865B6627E60C1412B06F6284DAA36FB9E2D31ABFF957F5DE795EC0FC14719E40BD83',X'3081EE30819502010030003059301306072A8648CE3D020106082A8648CE3D030107034200043DF1D45636D463E84B57575FA787B2513BAB20FC232F40A6711616F3FDED8BBB12AE0BFDA09A3DC89BD6EB972104A8E8B650EF377C07E6C2359CD6923D69D5D7A033303106092A864886F70D01090E3124302230200603551D110101FF04163014821272656E657765642E636F7572742E74657374300A06082A8648CE3D040302034800304502210099E1B616FD3E5ED4AA0B802965D8891FE21EBE74493458D0BA752221BD48D1B002206AB733B852AF06D27C09FA10C16D2B85081449B015FF42FE8163E18A412A071E',1796304977511);
INSERT INTO "keys" VALUES('01a26175-c3c7-70ad-b201-bcc6b7da0fff','01a26174-d967-70a7-a4c2-1c366668c12f',X'01B37BA80B7A25E009C477E9382E610B193C46FBE5A7809ACF710CED3DF341B36125992B92B595EB01768D135AD425CDCB7AFB77BD7F3C32A8150AC0462DBA9A2F7539188EB7D11C768F2A6D5285E566D6A184B2BABCCE2F7EE1A213C4DA84424152CD2083312BF57FB865AA0A176A0347918F8D27FE16832E4D7B22218A7458E5E88678026E6708636AAB9DC0F3E05B810DDAFAAE4269DDBBA0F5F40D285BA027471BA1D2E3203645298323FE3E1E44E9CB9DA0CCA42284F4208EA413996AB8145341732E22493C0CCB8CFA3734A731C6844BBF99C06DD445BC8F45BABA78C91ADD8E93327A4AD159F58B',X'3081EC30819302010030003059301306072A8648CE3D020106082A8648CE3D03010703420004CCC26A140099C05992A87F34B437A77F539D6DAEAE1482D9F49BC4C67B48EFE8C9F66E19EAE0EF4DE9A6EADE375FD5F8C34FFCA2305311EC004B2E8BAA8D2A71A031302F06092A864886F70D01090E31223020301E0603551D110101FF0414301282106D6F7665642E636F7572742E74657374300A06082A8648CE3D040302034800304502210097E8DBFA924D1B45EC0B0C4A2A5725B2E6F80F1880F5D41733AB64CB4033F2B1022050163F59899A7500151B79B9DE60778B4C2B3D2829CC0C69309E2823F4A004D4',1796931437511);
INSERT INTO "keys" VALUES('01a26184-69c7-70c1-bae4-13968c452fcc','01a26175-c3c7-70b8-b6ee-39a52a09b1c0',X'01B37BA80B7A25E00936D889C96A344E0C3634784EED0AF895E439EB79A6E9F15E8D8743FC62E568E38901FB79BE7707DB17342D739D3DFFE9FCD9CD6F4044628271A45C9F245388F627CFF131446E7FBE6E40438C661A68956DF7611B8C43CE7AF5A05F9AF7B458C3FE4BC061E88632D05210D2CA77F42D07466A163A01C1BF404AFCE29BA1A30C063697815FBE50A342F900F9688FCBABE57A7480EC89DFAA5F37E756005E217543A9A6E3798BC42E28777331A0496D72CA9E68D7CE78EE5C81E187C1DB32621468BFF5A1F372B05D3CB52F685A8FDF2B8E5025212553F46545692E90D4A84ACC228EAE',X'3081F030819602010030003059301306072A8648CE3D020106082A8648CE3D0301070342000470105E7893E9545843B62F568905356DA0FCD2318DC0C11C375ED2F21B77D969C79D5671B242B834A2BB792596649CB1811FCFC2A2925D433816D6D21CCD1972A034303206092A864886F70D01090E3125302330210603551D110101FF041730158213756E726F757465642E636F7572742E74657374300A06082A8648CE3D040302034900304602210088B3B7E56A5B8F73317AC2ECA280236F024BF1F5C3DB4EDEE3DBDEA8DFC327EC022100C674DFDC54E406971EEDF2CE2B2D9BCF7D9FE81CBE49DBC508D7E20F8ECC200C',1796932397511);
INSERT INTO "keys" VALUES('01a26184-69c7-70cf-8f04-25a0d8e27a1b','01a26175-c3c7-70bb-8633-079dff908218',X'01B37BA80B7A25E009CF78FB8374A22DFED8B2FA9550B66687C0E905015AABF963630CAF58E982A8DD8A25022979036D27E61DE7196F3AA0787029838F9CF27E2757D866AD233E2825F3553D4CC7585D1C90C28A88A2973BFCC5805AA118E1C81C07DF6E49AD8642CEAAC821DCA577756F8C3774963788B3E21971E3085B2E83A2536A4A8B79B4010D587678D972213E73B9F1B1EEFBED9457C1FF433D23BF4A4343D33E6D638BE65E15E4F736F569E0E8F33C225A523AE69AC2E16F44523E0E8BCD0231CDE2D91699774F0F5012D79614F95554258317BA3160613CCAB9E1215F8D348F2B104D11BFFEEF',X'3081EF30819502010030003059301306072A8648CE3D020106082A8648CE3D030107034200042496B9F69B87165EEAF19C5BAFC72516E80DEA11705E6E75049F9BBC39FD106CEF0715D940DC768CEC7ED924121C887AF96AD380FADF6982ED4F6D55F35ED6B8A033303106092A864886F70D01090E3124302230200603551D110101FF04163014821272656D6F7665642E636F7572742E74657374300A06082A8648CE3D0403020349003046022100BD49A28603949EEAD45A561C01A52E234F0807AD5FECF8289B808078DD0663F1022100F17A25CDEE0479F92B2092D39241F1FEB3974221AB1657A692F383E2D0F47806',1796932397511);
INSERT INTO "keys" VALUES('01a26185-5427-70e6-b29b-edc6f97650ea','01a26184-69c7-70e0-b5a0-54d34981b3a6',X'01B37BA80B7A25E0091A95EC7A773011CE30B018CBE7304ECF1A7FED734C6D357FC3798D7E4EE6ED1D7825B000122A2C8237830B4240CE3322B3BFA8013FF874D886A291205C2439D9E5F7E65591353BE215FDDB9D33EE4F021327E0871D850C00E0E23D99B125E26FE40AE2F552D5D855AB76F84503C8F14865702B923665FD1E5E506DD5D75BFA93EDBB4FE2925C0FB2F5439D71625EA57DD50D657AA5068E204E5F357B1ED7450751E57C1C67C5F773EEB62C86636BCA5BCECF622326063AA587F3A0216B1698430722EC20DBD73DDA6E5A86A628BCEF6D3FBA7FB469B42DAF2FE99FF42838D7D673B4',X'3081F030819602010030003059301306072A8648CE3D020106082A8648CE3D03010703420004DA0AC387777F0EE0C344031AF328B3545DE6C8358073E04EA4207741C5BBB076A8B85DD403DA077BA1371C0ABD7012B95C10101FC8ED31DF20EF9C0909ABA368A034303206092A864886F70D01090E3125302330210603551D110101FF04173015821364697361626C65642E636F7572742E74657374300A06082A8648CE3D0403020349003046022100852C77879DA4E835BEA99E287B4ACA4DABABBA40B2F5C661641DEDE5E35F1841022100C59B6F9CBE7980CA7D12E2C5910D65AB802AA607C3C485626145DE0C832879DC',1796932457511);
INSERT INTO "keys" VALUES('01a26186-3e87-70f9-aede-5be8a3c92d63','01a26185-5427-70f2-a5d3-7a686b84a823',X'01B37BA80B7A25E0091A694A9E27EF35B95E4601017A07D2379BB0D98732B9D5AE505708A6750C89432A4A47AFB28FAC0588D9BB62E4BE014ACBE2EB73A92DC1528961D062AE225A0AD61E36A52C7C9F43B0C890F8D00359A71FE3F66CBD219713BB6082EEBEC7F7BC9051461F82B1AE14C947A58205400B28AF11F1EBC35270CAAF5C941CA5C627A22B595B319AA7301F2E65DCC6987E0DDD6A4E365135BAC867CF9DD483FD4C874219EB0B134BE08430747CCDD832EA8F5BB8A824A82B50EE84FC72783A43E69F62E2A919DFFA51986E5F021381E4AD3C829C39BE982ECFB42BB44BC9F76F18768F8681',X'3081ED30819502010030003059301306072A8648CE3D020106082A8648CE3D0301070342000443C24B398D4FEAFDB1E5BA68694EB4A115BB9E101E1DD4F12446B71F346759E54EB69E23BEA6B7A8DD5C69F197BA627945B365FE6F26F5131EFBF70486B9BF14A033303106092A864886F70D01090E3124302230200603551D110101FF041630148212726566757365642E636F7572742E74657374300A06082A8648CE3D040302034700304402204A1D23918F11C96756BB02E0401116EB9809BC0D265C71C008A078503DB78B0202201C406C288C255B79B89B614AD276C24942F9EB4DDF8CAB7B5F02173B40D60E50',1796932517511);
INSERT INTO "keys" VALUES('01a26186-4657-7111-971d-2526730553eb','01a26186-426f-710b-9eae-2617011b94db',X'01B37BA80B7A25E009A6660C85CD77683E280AA96D552A8A5BB33211076BDADCBE9769E1AB159EDCFA85734D4083C6F3A377D9BD0E4B2F2690550AAF6E735718FC29155AA034BC6F19DF5EF652EF76562A3D5F20C544C3F7ABBF9CA098523D26DE0F33034C7448E76E5BC8163A2BCBAF562BA042201530BAF1483564305E9ADCB080C8697CE3BA7E78AE5BCFE4D034CC63F9F0F9F77CD79B0F67AF2D5397DDA2EF69B9C6190BB83FA3A2B4D076D8AD3BC10E5A338DB1A030E83FD1714E9849C42900002F9CEB32A6DF2545A747EA89B245565FA4E5D15C9A9EB625F09A8E587D115468ACF1E6AB4B8A6674',X'3081EE30819502010030003059301306072A8648CE3D020106082A8648CE3D030107034200040FE0A8A5F66E35A0E90310CDAF463451155F57ECCB5F186A50767B1022F2FA8A8EEF21FBBB34BE7381320FDD39D95ED1F01E6834833F0E82393E99A6CB833CB4A033303106092A864886F70D01090E3124302230200603551D110101FF0416301482126F7264657265642E636F7572742E74657374300A06082A8648CE3D0403020348003045022033F94B7DCBD5B0614538332BCA11B3B327C008EA8D4C8B567C72B8DC4A823937022100ED6BD2C1C3A93F473DD569C17569FF526C1DB51FA82A73C2FA03EF06318889B1',1796932519511);
CREATE TABLE migrations (name text not null primary key, sha256 text not null);
INSERT INTO "migrations" VALUES('0001_begin','e2417a7db92e35c29d01cb5cf4cd34d25a692cb5b06adbe0f95305acabc695b6');
CREATE TABLE orders (
    id text not null primary key,
    domain text not null references domains (id),
    ca text not null,                   -- the CA's configured name
    hostname text not null,
    registrable text not null,          -- the registered domain, which CAs count by
    renewal integer not null check (renewal in (0, 1)),
    url text,                           -- the CA's, once it exists
    planned_at integer not null,
    ended_at integer,
    outcome text check (outcome in ('issued', 'failed', 'dropped')),
    check ((ended_at is null) = (outcome is null))
) strict;
INSERT INTO "orders" VALUES('01a21434-8b07-7006-bffb-69f4bd4d54cb','01a21434-8b07-7001-95c2-499acfa64395','scripted','live.court.test','court.test',0,'https://ca.test/order/0',1795635317511,1795635317511,'issued');
INSERT INTO "orders" VALUES('01a21435-7567-7017-8f37-4cd0def31d02','01a21434-8b07-7012-afad-fffa1656359b','scripted','renewed.court.test','court.test',0,'https://ca.test/order/1',1795635377511,1795635377511,'issued');
INSERT INTO "orders" VALUES('01a23c1e-be67-7061-bbe7-94e2a938600f','01a21434-8b07-7012-afad-fffa1656359b','scripted','renewed.court.test','court.test',1,'https://ca.test/order/2',1796304977511,1796304977511,'issued');
INSERT INTO "orders" VALUES('01a26175-c3c7-70ac-8270-0d73e01ab137','01a26174-d967-70a7-a4c2-1c366668c12f','scripted','moved.court.test','court.test',0,'https://ca.test/order/3',1796931437511,1796931437511,'issued');
INSERT INTO "orders" VALUES('01a26184-69c7-70c0-bcda-9d4bea5e1d72','01a26175-c3c7-70b8-b6ee-39a52a09b1c0','scripted','unrouted.court.test','court.test',0,'https://ca.test/order/4',1796932397511,1796932397511,'issued');
INSERT INTO "orders" VALUES('01a26184-69c7-70ce-a45b-8be3d2ded668','01a26175-c3c7-70bb-8633-079dff908218','scripted','removed.court.test','court.test',0,'https://ca.test/order/5',1796932397511,1796932397511,'issued');
INSERT INTO "orders" VALUES('01a26185-5427-70e5-8f96-98a47cb05fdc','01a26184-69c7-70e0-b5a0-54d34981b3a6','scripted','disabled.court.test','court.test',0,'https://ca.test/order/6',1796932457511,1796932457511,'issued');
INSERT INTO "orders" VALUES('01a26186-3e87-70f8-b656-0cd70b5fde89','01a26185-5427-70f2-a5d3-7a686b84a823','scripted','refused.court.test','court.test',0,NULL,1796932517511,1796932517511,'failed');
INSERT INTO "orders" VALUES('01a26186-4657-7110-b610-da833fe72cff','01a26186-426f-710b-9eae-2617011b94db','scripted','ordered.court.test','court.test',0,NULL,1796932519511,NULL,NULL);
CREATE TABLE outbox (
    id text not null primary key,
    at integer not null,
    origin text not null,               -- the process that wrote it, which has told its own listeners already
    topic text not null,
    domain text not null,
    customer text not null,
    payload text not null               -- JSON
) strict;
CREATE TABLE ownership_tokens (
    customer text not null references customers (id),
    hostname text not null,
    token text not null,
    created_at integer not null,
    primary key (customer, hostname)
) strict;
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','live.court.test','byu3o5rwo655i6qiqmxg7w4ayu',1795635317511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','renewed.court.test','4qu375j5j4rxrzgdywc4pgukt4',1795635317511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','moved.court.test','vwqtstnwspv6m5lugx2lu74vfu',1796931377511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','unrouted.court.test','omtnredzjwquimsvuc2kyey42y',1796931437511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','removed.court.test','w4agfkagyxu4qpcwcita4a5c4a',1796931437511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','disabled.court.test','6sxkhagq2woil6kxmtg7aeq3tq',1796932397511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','refused.court.test','baj3vljk5fedhu3e2knv7izvfy',1796932457511);
INSERT INTO "ownership_tokens" VALUES('01a26186-3e87-7100-bddb-145ddf66b4dd','live.court.test','mgdk7mmgztimv4wg4ilmkil62e',1796932517511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','waiting.court.test','3ijminmneqos622wm4qsselory',1796932517511);
INSERT INTO "ownership_tokens" VALUES('01a21434-8b07-7000-ac08-09585e6f61b4','ordered.court.test','wbaxwx7wy4sqljcr6yuiql2aeu',1796932518511);
CREATE TABLE sessions (
    id_hash blob not null primary key,  -- SHA-256 of the cookie's value: a stolen database signs nobody in
    user_id text references users (id), -- none before sign-in
    data blob not null,                 -- what the session layer keeps
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null
) strict;
CREATE TABLE users (
    id text not null primary key,
    email text not null,                -- as typed
    email_key text not null unique,     -- lower case: addresses are told apart case-blind
    password_hash text not null,        -- argon2id, in PHC string form
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    customer text references customers (id),
    created_at integer not null,
    check ((customer is null) = (role in ('operator', 'support')))
) strict;
CREATE INDEX sessions_user on sessions (user_id);
CREATE INDEX sessions_expires on sessions (expires_at);
CREATE UNIQUE INDEX domains_live_claim on domains (customer, hostname) where removed_at is null;
CREATE UNIQUE INDEX domains_held_hostname on domains (held_hostname) where held_hostname is not null;
CREATE INDEX domains_due on domains (due_at) where removed_at is null;
CREATE INDEX domains_leased on domains (leased_until) where leased_until is not null;
CREATE INDEX domains_hostname on domains (hostname, id, search) where removed_at is null;
CREATE INDEX domains_of_customer on domains (customer, hostname, id, search) where removed_at is null;
CREATE INDEX domains_by_domain_status on domains (domain_status, hostname, id) where removed_at is null;
CREATE INDEX domains_by_ssl_status on domains (ssl_status, hostname, id) where removed_at is null;
CREATE INDEX domains_by_code on domains (code, hostname, id) where removed_at is null;
CREATE INDEX domains_served on domains (id) where held_hostname is not null;
CREATE INDEX keys_domain on keys (domain);
CREATE INDEX certificates_domain on certificates (domain, issued_at);
CREATE INDEX certificates_expiry on certificates (not_after) where status = 'current';
CREATE INDEX orders_live on orders (domain) where ended_at is null;
CREATE UNIQUE INDEX orders_one_live on orders (ca, hostname) where ended_at is null;
CREATE INDEX orders_by_ca on orders (ca, planned_at);
CREATE INDEX orders_by_registrable on orders (registrable, ca, planned_at);
CREATE INDEX orders_by_hostname on orders (hostname, ca, planned_at);
CREATE INDEX challenges_domain on challenges (domain);
CREATE INDEX events_domain on events (domain, at, id);
CREATE INDEX events_customer on events (customer, at, id);
CREATE INDEX outbox_at on outbox (at, id);
COMMIT;
