# An installed tree is complete: program, settings, rules, units, manual.
load lib

setup_file() {
  DESTDIR=$BATS_FILE_TMPDIR/tree cmake --install "$build" >"$BATS_FILE_TMPDIR/install.log"
}
setup() {
  prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
  tree=$BATS_FILE_TMPDIR/tree
  usr=$tree$prefix
  case $prefix in
    /usr) etc=/etc ;;
    *) etc=$prefix/etc ;;
  esac
}

@test "every file stands where it belongs" {
  for file in sbin/spoa-modsecurity lib/systemd/system/spoa-modsecurity.service \
    lib/systemd/system/spoa-modsecurity@.service lib/systemd/system/spoa-modsecurity.socket lib/sysusers.d/spoa-modsecurity.conf \
    share/man/man8/spoa-modsecurity.8 share/man/man5/spoa-modsecurity.yaml.5 \
    share/doc/spoa-modsecurity/README.md share/doc/spoa-modsecurity/examples/haproxy.cfg \
    share/doc/spoa-modsecurity/examples/3.1/spoe-modsecurity.conf \
    share/doc/spoa-modsecurity/examples/context/context.conf; do
    [ -s "$usr/$file" ] || { echo "missing: $prefix/$file"; return 1; }
  done
  for file in spoa-modsecurity/spoa-modsecurity.yaml spoa-modsecurity/rules/main.conf \
    spoa-modsecurity/rules/baseline.conf logrotate.d/spoa-modsecurity; do
    [ -s "$tree$etc/$file" ] || { echo "missing: $etc/$file"; return 1; }
  done
}

@test "installing again keeps the operator's files" {
  local file files=(spoa-modsecurity.yaml rules/local-before.conf rules/local-after.conf)
  for file in "${files[@]}"; do echo '# mine' >>"$tree$etc/spoa-modsecurity/$file"; done
  DESTDIR=$tree cmake --install "$build"
  for file in "${files[@]}"; do grep -q '^# mine$' "$tree$etc/spoa-modsecurity/$file"; done
}

@test "the installed program finds its settings and rules good" {
  run -0 "$usr/sbin/spoa-modsecurity" check --config "$tree$etc/spoa-modsecurity/spoa-modsecurity.yaml"
  [[ $output == *good* ]]
}

@test "the units are right, by systemd's own opinion" {
  # The verifier wants the program to be where the unit says: the unit is pointed at the tree.
  cp "$usr"/lib/systemd/system/spoa-modsecurity* "$BATS_TEST_TMPDIR"
  sed -i "s|$prefix/sbin/|$usr/sbin/|g" "$BATS_TEST_TMPDIR"/spoa-modsecurity{,@}.service
  run -0 systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/spoa-modsecurity.service" \
    "$BATS_TEST_TMPDIR/spoa-modsecurity@second.service" \
    "$BATS_TEST_TMPDIR/spoa-modsecurity.socket"
  # Remarks about other units of this machine are not about ours.
  not grep spoa-modsecurity <<<"$output"
}

@test "the manual pages are right" {
  for page in man8/spoa-modsecurity.8 man5/spoa-modsecurity.yaml.5; do
    run -0 man --warnings -E UTF-8 -l -Tutf8 -Z "$usr/share/man/$page"
    not grep -i warning <<<"$output"
  done
}
