#include "ir/sexpr.h"

#include <algorithm>

namespace sx::ir {

ItemId Sexpr::atom(std::string text) {
  items.push_back({Item::Kind::Atom, 0, std::move(text), {}});
  return static_cast<ItemId>(items.size() - 1);
}

ItemId Sexpr::string(std::string_view value) {
  items.push_back({Item::Kind::String, 0, std::string(value), {}});
  return static_cast<ItemId>(items.size() - 1);
}

ItemId Sexpr::list(std::vector<ItemId> children) {
  items.push_back({Item::Kind::List, 0, {}, std::move(children)});
  return static_cast<ItemId>(items.size() - 1);
}

ItemId Sexpr::form(std::string head, std::vector<ItemId> rest) {
  rest.insert(rest.begin(), atom(std::move(head)));
  return list(std::move(rest));
}

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

struct Escape {
  char letter;
  char value;
};
constexpr Escape escapes[] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'0', '\0'}, {'"', '"'}, {'\\', '\\'}};

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
bool ends_atom(char c) {
  return is_space(c) || c == '(' || c == ')' || c == '"' || c == ';';
}

class Parser {
public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<Sexpr, SexprError> run() {
    for (skip(); at_ < text_.size(); skip())
      if (!step())
        return std::unexpected(error_);
    if (!open_.empty())
      return std::unexpected(SexprError{result_[open_.back()].offset, "unclosed '('"});
    return std::move(result_);
  }

private:
  void skip() {
    while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == ';')) {
      if (text_[at_] == ';')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else
        ++at_;
    }
  }

  bool step() {
    switch (text_[at_]) {
    case '(': return open();
    case ')': return close();
    case '"': return string();
    default: return atom();
    }
  }

  bool fail(std::size_t offset, std::string message) {
    error_ = {offset, std::move(message)};
    return false;
  }

  void place(ItemId id, std::size_t offset) {
    result_.items[id].offset = offset;
    if (open_.empty())
      result_.top.push_back(id);
    else
      result_.add(open_.back(), id);
  }

  bool open() {
    if (open_.size() >= max_sexpr_depth)
      return fail(at_, "lists nest deeper than " + std::to_string(max_sexpr_depth));
    const ItemId id = result_.list();
    place(id, at_++);
    open_.push_back(id);
    return true;
  }

  bool close() {
    if (open_.empty())
      return fail(at_, "')' without '('");
    open_.pop_back();
    ++at_;
    return true;
  }

  bool atom() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_atom(text_[at_]))
      ++at_;
    place(result_.atom(std::string(text_.substr(begin, at_ - begin))), begin);
    return true;
  }

  bool string() {
    const std::size_t begin = at_++;
    std::string value;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] != '\\')
        value += text_[at_];
      else if (!escape(value))
        return false;
    if (at_ >= text_.size())
      return fail(begin, "unclosed string");
    ++at_;
    place(result_.string(value), begin);
    return true;
  }

  // Stands on the backslash; leaves on the escape's last byte.
  bool escape(std::string& value) {
    const std::size_t begin = at_++;
    const char letter = at_ < text_.size() ? text_[at_] : '\0';
    if (letter == 'x') {
      const auto digit = [&](std::size_t i) {
        return i < text_.size() ? hex_digits.find(text_[i]) : std::string_view::npos;
      };
      const std::size_t high = digit(at_ + 1), low = digit(at_ + 2);
      if (high == std::string_view::npos || low == std::string_view::npos)
        return fail(begin, "expected two lower-case hexadecimal digits after \\x");
      value += static_cast<char>(high * 16 + low);
      at_ += 2;
      return true;
    }
    for (const Escape& known : escapes)
      if (known.letter == letter) {
        value += known.value;
        return true;
      }
    return fail(begin, "unknown escape");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Sexpr result_;
  std::vector<ItemId> open_;
  SexprError error_;
};

constexpr std::size_t line_width = 110;
constexpr std::size_t max_indent = 60;
constexpr std::size_t max_inline_head = 4; ///< leading atoms that stay on the line of '('

class Formatter {
public:
  explicit Formatter(const Sexpr& sexpr) : sexpr_(sexpr), widths_(sexpr.items.size(), 0) {}

  std::string run() {
    for (ItemId top : sexpr_.top) {
      measure(top);
      write(top);
      out_ += '\n';
    }
    return std::move(out_);
  }

private:
  // Children of a list may have any id, so widths are found on an explicit stack: pushed again after its children.
  void measure(ItemId top) {
    std::vector<std::pair<ItemId, bool>> pending{{top, false}};
    while (!pending.empty()) {
      const auto [id, visited] = pending.back();
      pending.pop_back();
      const Item& item = sexpr_[id];
      if (item.kind == Item::Kind::Atom) {
        widths_[id] = item.text.size();
      } else if (item.kind == Item::Kind::String) {
        widths_[id] = quote(item.text).size();
      } else if (visited) {
        widths_[id] = 2 + (item.children.empty() ? 0 : item.children.size() - 1);
        for (ItemId child : item.children)
          widths_[id] += widths_[child];
      } else {
        pending.push_back({id, true});
        for (ItemId child : item.children)
          pending.push_back({child, false});
      }
    }
  }

  struct Open {
    ItemId id;
    std::size_t next = 0;
    std::size_t indent = 0;
    bool flat = false;
  };

  void write(ItemId top) {
    std::vector<Open> open;
    start(top, 0, false, open);
    while (!open.empty()) {
      Open& list = open.back();
      const Item& item = sexpr_[list.id];
      if (list.next == item.children.size()) {
        out_ += ')';
        open.pop_back();
        continue;
      }
      const ItemId child = item.children[list.next];
      const std::size_t indent = list.indent + 2;
      const bool flat = list.flat;
      if (list.next != 0)
        separate(list, item, indent);
      ++list.next;
      start(child, indent, flat, open);
    }
  }

  void separate(const Open& list, const Item& item, std::size_t indent) {
    const bool head = list.next < max_inline_head &&
                      std::all_of(
                          item.children.begin() + 1, item.children.begin() + static_cast<long>(list.next) + 1,
                          [&](ItemId id) { return sexpr_[id].kind != Item::Kind::List; });
    // A span belongs to its list, not on a line of its own.
    const Item& next = sexpr_[item.children[list.next]];
    const bool suffix = next.kind == Item::Kind::Atom && next.text.starts_with('@');
    if (list.flat || head || suffix) {
      out_ += ' ';
      return;
    }
    out_ += '\n';
    out_.append(std::min(indent, max_indent), ' ');
  }

  void start(ItemId id, std::size_t indent, bool flat, std::vector<Open>& open) {
    const Item& item = sexpr_[id];
    if (item.kind == Item::Kind::Atom) {
      out_ += item.text;
    } else if (item.kind == Item::Kind::String) {
      out_ += quote(item.text);
    } else {
      out_ += '(';
      open.push_back({id, 0, indent, flat || std::min(indent, max_indent) + widths_[id] <= line_width});
    }
  }

  const Sexpr& sexpr_;
  std::vector<std::size_t> widths_;
  std::string out_;
};

} // namespace

std::expected<Sexpr, SexprError> parse_sexpr(std::string_view text) {
  return Parser(text).run();
}

std::string format_sexpr(const Sexpr& sexpr) {
  return Formatter(sexpr).run();
}

std::string quote(std::string_view value) {
  std::string out = "\"";
  for (char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const auto* known =
        std::find_if(std::begin(escapes), std::end(escapes), [&](const Escape& e) { return e.value == c; });
    if (known != std::end(escapes)) {
      out += '\\';
      out += known->letter;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += hex_digits[byte >> 4];
      out += hex_digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

} // namespace sx::ir
