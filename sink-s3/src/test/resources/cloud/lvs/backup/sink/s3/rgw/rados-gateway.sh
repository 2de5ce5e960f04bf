#!/usr/bin/env bash
# A Ceph object gateway of one node on the loopback interface, from Debian's packages: for tests, and only for root.
# Prints READY and its directory, stays until its standard input ends, and leaves nothing behind but the packages.
#
# Environment: MON_PORT, HTTP_PORT, HTTPS_PORT (free ones), ACCESS_KEY and SECRET_KEY (of the user to make).
set -euo pipefail

readonly PACKAGES=(ceph-base ceph-common ceph-mon ceph-osd radosgw)
readonly WAIT_SECONDS=120

# Ceph refuses socket paths beyond 107 bytes: the directory has to have a short name.
home="$(mktemp -d /tmp/lvs-rgw.XXXXXX)"
readonly home
export CEPH_CONF="$home/ceph.conf"
daemons=()

leave() {
  local status=$?
  if ((${#daemons[@]})); then
    kill -KILL "${daemons[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
  fi
  if ((status)); then tail -n 20 "$home"/*.log 2>/dev/null || true; fi
  rm -rf "$home"
  exit "$status"
}
trap leave EXIT
trap 'exit 0' TERM INT HUP

fail() {
  echo "rados-gateway: $*"
  exit 1
}

# quietly NAME COMMAND...: runs it with its output in NAME.log
quietly() {
  local log="$home/$1.log"
  shift
  timeout "$WAIT_SECONDS" "$@" >>"$log" 2>&1 || fail "'$1' failed"
}

# daemon NAME COMMAND...: in the background, to die with this script whatever happens to it
daemon() {
  local log="$home/$1.log"
  shift
  setpriv --pdeathsig KILL "$@" </dev/null >>"$log" 2>&1 &
  daemons+=("$!")
}

# await WHAT COMMAND...: until it succeeds
await() {
  local what="$1" end=$((SECONDS + WAIT_SECONDS))
  shift
  until timeout 10 "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what does not come up"
    kill -0 "${daemons[@]}" 2>/dev/null || fail "$what has ended"
    sleep 0.2
  done
}

listens() { exec 3<>"/dev/tcp/127.0.0.1/$1"; }
osd_is_up() { ceph osd stat | grep -q ' 1 up'; }
export -f osd_is_up

install_packages() {
  local package missing=()
  for package in "${PACKAGES[@]}"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq -y install --no-install-recommends "${missing[@]}"; } </dev/null >"$home/apt.log" 2>&1 \
    || fail "apt-get cannot install ${missing[*]}"
}

make_certificates() {
  local subject=(-subj "/CN=gateway under test")
  quietly openssl openssl req -x509 -newkey rsa:2048 -nodes -days 2 "${subject[@]}" \
    -keyout "$home/authority.key" -out "$home/authority.pem"
  quietly openssl openssl req -newkey rsa:2048 -nodes "${subject[@]}" -keyout "$home/gateway.key" -out "$home/gateway.csr"
  echo 'subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1' >"$home/names"
  quietly openssl openssl x509 -req -in "$home/gateway.csr" -CA "$home/authority.pem" -CAkey "$home/authority.key" \
    -CAcreateserial -days 2 -extfile "$home/names" -out "$home/gateway.pem"
}

configure() {
  cat >"$CEPH_CONF" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$MON_PORT]
mon initial members = one
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
keyring = $home/admin.keyring
run dir = $home
crash dir = $home
log file = $home/\$name.log
admin socket = $home/\$name.sock

# One copy, on the only disk there is.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail crit = 1
auth allow insecure global id reclaim = false

[mon.one]
mon data = $home/mon
mon cluster log file = $home/cluster.log

[osd.0]
osd data = $home/osd
keyring = $home/osd.keyring
osd objectstore = bluestore
osd class update on start = false
osd memory target = 1073741824
bluestore block create = true
bluestore block size = 34359738368

[client.gateway]
keyring = $home/gateway.keyring
rgw data = $home
rgw dns name = localhost
rgw frontends = beast endpoint=127.0.0.1:$HTTP_PORT ssl_endpoint=127.0.0.1:$HTTPS_PORT ssl_certificate=$home/gateway.pem ssl_private_key=$home/gateway.key
rgw enable ops log = false
# A key management service of one key, key-1, and that in the open.
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = key-1=$(openssl rand -base64 32)
# What is deleted is to be free soon: a test may write more than there is room for.
rgw gc obj min wait = 5
rgw gc processor period = 5
CONF
}

start_monitor() {
  quietly setup ceph-authtool --create-keyring "$home/admin.keyring" --gen-key -n client.admin \
    --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  quietly setup ceph-authtool "$home/admin.keyring" --gen-key -n mon. --cap mon 'allow *'
  quietly setup monmaptool --create --addv one "[v2:127.0.0.1:$MON_PORT]" \
    --fsid "$(sed -n 's/^fsid = //p' "$CEPH_CONF")" "$home/monmap"
  mkdir "$home/mon"
  quietly setup ceph-mon --mkfs -i one --monmap "$home/monmap" --keyring "$home/admin.keyring"
  daemon mon ceph-mon -f -i one
  await "the monitor" ceph mon stat
}

start_osd() {
  local uuid
  uuid="$(cat /proc/sys/kernel/random/uuid)"
  mkdir "$home/osd"
  quietly setup ceph osd new "$uuid"
  quietly setup ceph auth get-or-create osd.0 mon 'allow profile osd' osd 'allow *' -o "$home/osd.keyring"
  quietly setup ceph-osd --mkfs -i 0 --osd-uuid "$uuid"
  daemon osd ceph-osd -f -i 0
  await "the object store" bash -c osd_is_up
}

start_gateway() {
  quietly setup ceph auth get-or-create client.gateway mon 'allow *' osd 'allow *' -o "$home/gateway.keyring"
  quietly setup radosgw-admin -n client.gateway user create --uid=owner --display-name=owner \
    --access-key="$ACCESS_KEY" --secret="$SECRET_KEY"
  quietly setup radosgw-admin -n client.gateway zonegroup placement add --rgw-zonegroup=default \
    --placement-id=default-placement --storage-class=COLD
  quietly setup radosgw-admin -n client.gateway zone placement add --rgw-zone=default \
    --placement-id=default-placement --storage-class=COLD --data-pool=default.rgw.cold.data
  daemon gateway radosgw -f -n client.gateway
  await "the gateway" bash -c "listens $HTTP_PORT"
  await "the gateway" bash -c "listens $HTTPS_PORT"
}
export -f listens

install_packages
make_certificates
configure
start_monitor
start_osd
start_gateway
echo "READY $home"
# Also ends when whoever started this is killed.
while read -r _; do :; done
