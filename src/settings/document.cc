#include "document.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace spoa::settings {
namespace {

constexpr std::size_t kMostBytes = 1U << 20;
constexpr std::size_t kMostLevels = 16;

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {mark.line + 1, mark.column + 1};
}

/// Puts the tree together from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& file, std::vector<Problem>& problems)
      : file_(file), problems_(problems) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    add({Node::Kind::kNull, {}, place_of(mark), {}});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (skipped_ == 0) {
      complain(place_of(mark), "aliases are not supported", "write the value out");
    }
    add({Node::Kind::kBroken, {}, place_of(mark), {}});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/,
                YAML::anchor_t /*anchor*/, const std::string& value) override {
    add({Node::Kind::kText, value, place_of(mark), {}});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value) override {
    open(Node::Kind::kList, place_of(mark));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/,
                  YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value) override {
    open(Node::Kind::kMap, place_of(mark));
  }
  void OnMapEnd() override { close(); }

 private:
  void complain(Place place, std::string text, std::string remedy) {
    problems_.push_back(
        {file_, place.line, place.column, std::move(text), std::move(remedy)});
  }

  void add(Node node) {
    if (skipped_ > 0) return;
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().children.push_back(std::move(node));
    }
  }

  void open(Node::Kind kind, Place place) {
    if (skipped_ == 0 && open_.size() == kMostLevels) {
      complain(place, "nested too deeply", "no setting lies that deep");
      add({Node::Kind::kBroken, {}, place, {}});
      skipped_ = 1;
    } else if (skipped_ > 0) {
      ++skipped_;
    } else {
      open_.push_back({kind, {}, place, {}});
    }
  }

  void close() {
    if (skipped_ > 0) {
      --skipped_;
      return;
    }
    Node node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }

  const std::string& file_;
  std::vector<Problem>& problems_;
  Node root_;
  std::vector<Node> open_;
  std::size_t skipped_ = 0;  ///< levels open below the deepest one kept
};

/// Whether another document follows; what is in it does not matter.
class Ignore final : public YAML::EventHandler {
 public:
  [[nodiscard]] Place start() const { return start_; }
  void OnDocumentStart(const YAML::Mark& mark) override { start_ = place_of(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  Place start_;
};

Node parse(std::string_view yaml, const std::string& file,
           std::vector<Problem>& problems) {
  std::istringstream input{std::string(yaml)};
  YAML::Parser parser(input);
  Builder builder(file, problems);
  if (!parser.HandleNextDocument(builder)) return {};
  Ignore second;
  if (parser.HandleNextDocument(second)) {
    problems.push_back({file, second.start().line, second.start().column,
                        "a second document begins here",
                        "keep one document; remove the line ---"});
  }
  return builder.take();
}

}  // namespace

Node parse_document(std::string_view yaml, const std::string& file,
                    std::vector<Problem>& problems) {
  const Node broken{Node::Kind::kBroken, {}, {1, 1}, {}};
  if (yaml.size() > kMostBytes) {
    problems.push_back({file, 0, 0, "is larger than 1 MiB", "this is no settings file"});
    return broken;
  }
  // The library throws what it finds, and on memory it cannot have.
  try {
    return parse(yaml, file, problems);
  } catch (const YAML::Exception& error) {
    const Place place = place_of(error.mark);
    problems.push_back({file, place.line, place.column, "this is not YAML: " + error.msg,
                        "indent with spaces; quote a value that begins with one of "
                        "- * & ! % @ ` { [ | >, as in events: \"-\""});
  } catch (const std::exception& error) {
    problems.push_back({file, 1, 1, std::string("cannot be read: ") + error.what(), ""});
  }
  return broken;
}

}  // namespace spoa::settings
