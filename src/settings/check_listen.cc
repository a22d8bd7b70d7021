// What the items of `listen` need beyond each value on its own.
#include <grp.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fmt/format.h>

#include "draft.h"
#include "files.h"

namespace spoa::settings {
namespace {

/// systemd hands over several sockets, and port 0 is another one each time.
bool clash(const Address& a, const Address& b) {
  const bool shared =
      a.kind == Address::Kind::kSystemd || (a.kind == Address::Kind::kTcp && a.port == 0);
  return a == b && !shared;
}

void check_address(std::size_t i, const std::string& place, Draft& draft) {
  const auto& listen = draft.settings.listen;
  const Address& address = listen[i].address;
  const bool again =
      std::any_of(listen.begin(), listen.begin() + static_cast<std::ptrdiff_t>(i),
                  [&](const Listen& before) { return clash(before.address, address); });
  if (again) {
    draft.complain(place, fmt::format("listen has {} twice", to_text(address)),
                   "keep one of them");
  }
  if (clash(address, draft.settings.admin)) {
    draft.complain(draft.has("admin") ? "admin" : place,
                   fmt::format("listen and admin are the same: {}", to_text(address)),
                   "give one of them another port or path");
  }
}

/// `look_up` is getgrnam_r or getgrgid_r. What cannot be looked up is taken for missing.
template <typename Key, typename LookUp>
bool is_group(Key key, LookUp look_up) {
  constexpr std::size_t kMostBytes = 1U << 24U;
  std::vector<char> buffer(1U << 12U);
  group entry{};
  group* found = nullptr;
  while (look_up(key, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < kMostBytes) {
    buffer.resize(buffer.size() * 2);
  }
  return found != nullptr;
}

bool group_exists(const std::string& name) {
  if (is_group(name.c_str(), getgrnam_r)) return true;
  const auto number = parse_count(name);
  return number && *number < static_cast<gid_t>(-1) &&
         is_group(static_cast<gid_t>(*number), getgrgid_r);
}

/// Refuses a key that makes no sense for the address. One that is not known is not
/// judged.
void check_fits(const Listen& listen, const std::string& place, std::string_view name,
                Address::Kind kind, Draft& draft) {
  const std::string key = fmt::format("{}.{}", place, name);
  if (!draft.has(key) || listen.address == Address{} || listen.address.kind == kind)
    return;
  draft.complain(key,
                 fmt::format("listen[].{} is not for {}", name, to_text(listen.address)),
                 kind == Address::Kind::kUnix ? "remove it: it is for unix:/PATH alone"
                                              : "remove it: it is for HOST:PORT alone");
}

void check_group(const Listen& listen, const std::string& place, Draft& draft) {
  if (listen.unix_group.empty() || group_exists(listen.unix_group)) return;
  draft.complain(place + ".group",
                 "listen[].group does not exist: " + shown(listen.unix_group),
                 "name a group of this machine, as `getent group` lists them");
}

void check_file(const std::string& file, const std::string& place, std::string_view name,
                Draft& draft) {
  const std::string why = file.empty() ? "" : why_unreadable(file);
  if (why.empty()) return;
  draft.complain(
      fmt::format("{}.tls.{}", place, name),
      fmt::format("cannot read listen[].tls.{} {}: {}", name, shown(file), why),
      "it must be a file that the daemon's user can read");
}

void check_tls(const Listen& listen, const std::string& place, Draft& draft) {
  if (!listen.tls) return;
  check_file(listen.tls->certificate, place, "certificate", draft);
  check_file(listen.tls->key, place, "key", draft);
  check_file(listen.tls->client_ca, place, "client-ca", draft);
}

}  // namespace

void check_listen(Draft& draft) {
  for (std::size_t i = 0; i < draft.settings.listen.size(); ++i) {
    const std::string place = fmt::format("listen.{}", i);
    check_address(i, place, draft);
    const Listen& listen = draft.settings.listen[i];
    check_fits(listen, place, "mode", Address::Kind::kUnix, draft);
    check_fits(listen, place, "group", Address::Kind::kUnix, draft);
    check_fits(listen, place, "tls", Address::Kind::kTcp, draft);
    check_group(listen, place, draft);
    check_tls(listen, place, draft);
  }
}

}  // namespace spoa::settings
