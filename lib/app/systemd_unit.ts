// This module is pure.
/**
 * The systemd unit that `tapewatch systemd-unit` prints. MemoryDenyWriteExecute is not in
 * it: V8 writes the code that it runs.
 */

/** The unit's text, for a program at /usr/local/bin/tapewatch. */
export function systemdUnit(version: string): string {
  return `\
# Tapewatch ${version}, as printed by \`tapewatch systemd-unit\`.
#
#   sudo install -m 755 tapewatch /usr/local/bin/
#   tapewatch systemd-unit | sudo tee /etc/systemd/system/tapewatch.service
#   sudo install -m 600 /dev/null /etc/tapewatch.env   # then write NAME=value lines into it
#   sudo systemctl daemon-reload && sudo systemctl enable --now tapewatch
#
# To update: install the new file over the old one, then \`systemctl restart tapewatch\`. A unit
# is one process, so there is a pause of some seconds, which is repaired from the venues; without
# one, outside of systemd, goes \`tapewatch serve --takeover\`.

[Unit]
Description=Tapewatch, a crypto market desk
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/local/bin/tapewatch serve
Restart=always
RestartSec=5
WatchdogSec=60
TimeoutStartSec=60
TimeoutStopSec=20
EnvironmentFile=-/etc/tapewatch.env
Environment=DATA_DIR=%S/tapewatch XDG_CACHE_HOME=%C/tapewatch
Environment=DENO_NO_UPDATE_CHECK=1
Environment=MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=32768 MALLOC_TOP_PAD_=0

# Above the first, idle pages of the program go back to the disk; the second stops a leak.
MemoryHigh=80M
MemoryMax=256M
TasksMax=64
LimitNOFILE=4096
LimitCORE=0

DynamicUser=yes
StateDirectory=tapewatch
StateDirectoryMode=0700
CacheDirectory=tapewatch
CacheDirectoryMode=0700
RuntimeDirectory=tapewatch
RuntimeDirectoryMode=0700
UMask=0077

CapabilityBoundingSet=
DevicePolicy=closed
LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
PrivateUsers=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service @pkey
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target`;
}
