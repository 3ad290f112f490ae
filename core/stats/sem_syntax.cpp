// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/text.h"

namespace ipsi::stats {
namespace {

struct Token {
  enum class Kind { name, number, string, sign, end };
  Kind kind = Kind::end;
  std::string text;
  double number = 0.0;
  SemPlace place;
};

auto wrong(const std::string& what, const SemPlace& place, const std::string& mend) {
  return fail(Code::InvalidInput, what, to_string(place), mend);
}

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || (c & 0x80) != 0;
}
bool in_name(char c) {
  return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Text into tokens; a line's end is a token that later rules may take away.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> tokens() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        add({.text = "line"});
        ++at_;
        ++line_;
        begin_ = at_;
      } else if (c == '#' || c == '!') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        ++at_;
      } else if (auto ok = token(); !ok) {
        return tl::unexpected(ok.error());
      }
    }
    add({.text = "line"});
    return joined_lines();
  }

 private:
  SemPlace place() const { return {line_, static_cast<int>(at_ - begin_) + 1}; }
  void add(Token token) {
    token.place = place();
    out_.push_back(std::move(token));
  }

  Result<void> token() {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digit || (c == '.' && std::isdigit(static_cast<unsigned char>(next)) != 0)) return number();
    if (starts_name(c)) return take(Token::Kind::name, [](char x) { return in_name(x); });
    if (c == '"' || c == '\'') return quoted(c);
    static constexpr std::array<const char*, 8> kTwo{"=~", "~~", ":=", "==", "<~", "<=", ">=", "~*"};
    for (const char* two : kTwo)
      if (text_.substr(at_, 2) == two) return sign(2);
    if (std::string_view("~+-*/^(),:;<>|=%").find(c) == std::string_view::npos)
      return wrong(fmt::format("'{}' means nothing here", c), place(), "take it out");
    return sign(1);
  }

  Result<void> sign(std::size_t length) {
    add({.kind = Token::Kind::sign, .text = std::string(text_.substr(at_, length))});
    if (out_.back().text == ";") out_.back() = {.text = "stop", .place = out_.back().place};
    at_ += length;
    return {};
  }

  template <class Belongs>
  Result<void> take(Token::Kind kind, Belongs belongs) {
    std::size_t end = at_;
    while (end < text_.size() && belongs(text_[end])) ++end;
    add({.kind = kind, .text = std::string(text_.substr(at_, end - at_))});
    at_ = end;
    return {};
  }

  Result<void> number() {
    std::size_t end = at_;
    const auto is_digit = [&](std::size_t i) {
      return i < text_.size() && std::isdigit(static_cast<unsigned char>(text_[i])) != 0;
    };
    while (is_digit(end) || (end < text_.size() && text_[end] == '.')) ++end;
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const std::size_t digits =
          end + 1 < text_.size() && (text_[end + 1] == '-' || text_[end + 1] == '+') ? end + 2 : end + 1;
      if (is_digit(digits))
        for (end = digits; is_digit(end);) ++end;
    }
    const std::string text(text_.substr(at_, end - at_));
    const auto value = parse_double(text);
    if (!value || (end < text_.size() && starts_name(text_[end])))
      return wrong(fmt::format("'{}' is neither a number nor a name", text), place(), "names begin with a letter");
    add({.kind = Token::Kind::number, .text = text, .number = *value});
    at_ = end;
    return {};
  }

  Result<void> quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos || text_.substr(at_, end - at_).find('\n') != std::string_view::npos)
      return wrong("the quoted text does not end", place(), "close it in the same line");
    add({.kind = Token::Kind::string, .text = std::string(text_.substr(at_ + 1, end - at_ - 1))});
    at_ = end + 1;
    return {};
  }

  /// A line goes on after an operator or inside parentheses, and when the next one begins with an operator.
  std::vector<Token> joined_lines() const {
    std::vector<Token> joined;
    int depth = 0;
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const Token& t = out_[i];
      if (t.kind != Token::Kind::end) {
        depth += t.text == "(" && t.kind == Token::Kind::sign ? 1 : 0;
        depth -= t.text == ")" && t.kind == Token::Kind::sign ? 1 : 0;
        joined.push_back(t);
        continue;
      }
      if (joined.empty() || joined.back().kind == Token::Kind::end) continue;
      std::size_t next = i + 1;
      while (next < out_.size() && out_[next].kind == Token::Kind::end && out_[next].text == "line") ++next;
      const bool last = next >= out_.size();
      const auto operates = [](const Token& x) {
        return x.kind == Token::Kind::sign && x.text != ")" && x.text != "(";
      };
      const bool goes_on = t.text == "line" && !last && (depth > 0 || operates(joined.back()) || operates(out_[next]));
      if (!goes_on) {
        joined.push_back(t);
        depth = 0;
      }
    }
    return joined;
  }

  std::string_view text_;
  std::size_t at_ = 0, begin_ = 0;
  int line_ = 1;
  std::vector<Token> out_;
};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<SemSyntax> parse() {
    while (at_ < tokens_.size()) {
      if (auto ok = statement(); !ok) return tl::unexpected(ok.error());
      if (!ended()) return unexpected("a + or the end of the line");
      ++at_;
    }
    return std::move(out_);
  }

 private:
  struct Place {
    std::string name;
    SemPlace place;
  };

  const Token& now() const { return tokens_[at_]; }
  bool ended() const { return now().kind == Token::Kind::end; }
  bool is(const char* sign) const { return now().kind == Token::Kind::sign && now().text == sign; }
  bool follows(const char* sign) const {
    return at_ + 1 < tokens_.size() && tokens_[at_ + 1].kind == Token::Kind::sign && tokens_[at_ + 1].text == sign;
  }
  bool take(const char* sign) {
    if (!is(sign)) return false;
    ++at_;
    return true;
  }
  tl::unexpected<Error> unexpected(const std::string& wanted) const {
    const std::string found = ended() ? "the end of the statement" : "'" + now().text + "'";
    return wrong(fmt::format("found {} instead of {}", found, wanted), now().place,
                 "statements are f =~ x1 + x2, y ~ x, y1 ~~ y2 or ab := a*b");
  }

  Result<void> statement() {
    std::vector<Place> left;
    do {
      if (now().kind != Token::Kind::name) return unexpected("the name of a variable");
      left.push_back({now().text, now().place});
      ++at_;
    } while (take("+"));
    if (is(":=")) {
      if (left.size() > 1) return wrong("a definition names one quantity", left[1].place, "write one per line");
      return definition(left[0]);
    }
    for (const char* sign : {"==", "<", ">", "<=", ">="})
      if (is(sign))
        return wrong(fmt::format("constraints with {} are not offered", sign), now().place,
                     "give parameters that are equal the same label");
    if (is("|") || is("~*") || is("<~") || is("%") || is(":"))
      return wrong(fmt::format("'{}' (thresholds, scales, composites, levels) is not offered", now().text), now().place,
                   "models here are of continuous variables in one group");
    if (!is("=~") && !is("~") && !is("~~")) return unexpected("one of =~ ~ ~~ :=");
    const std::string op = now().text;
    ++at_;
    std::vector<SemPath> terms;
    do {
      auto term = right_side(op);
      if (!term) return tl::unexpected(term.error());
      terms.push_back(std::move(*term));
    } while (take("+"));
    for (const Place& one : left)
      for (SemPath path : terms) {
        path.lhs = one.name;
        path.lhs_place = one.place;
        path.op = op;
        if (auto ok = add(std::move(path)); !ok) return ok;
      }
    return {};
  }

  /// `modifier * modifier * name`
  Result<SemPath> right_side(const std::string& op) {
    SemPath path;
    for (;;) {
      const Token token = now();
      const bool negative = is("-");
      if (negative) ++at_;
      if (now().kind == Token::Kind::number) {
        const double value = negative ? -now().number : now().number;
        ++at_;
        if (!take("*")) {
          if (op == "~")
            return wrong("means are not modelled, so there is no intercept to name", token.place,
                         "leave out the 1: slopes, variances and their tests are the same without it");
          return unexpected("'*' and a variable after the number");
        }
        path.fixed = value;
      } else if (negative) {
        return wrong("a term cannot be subtracted", token.place, "leave it out, or fix it: 0*x");
      } else if (now().kind == Token::Kind::string) {
        path.label = now().text;
        ++at_;
        if (!take("*")) return unexpected("'*' after the label");
      } else if (now().kind == Token::Kind::name && follows("(")) {
        if (auto ok = modifier(path); !ok) return tl::unexpected(ok.error());
      } else if (now().kind == Token::Kind::name && follows("*")) {
        if (now().text == "NA")
          path.freed = true;
        else
          path.label = now().text;
        at_ += 2;
      } else if (now().kind == Token::Kind::name) {
        path.rhs = now().text;
        path.place = now().place;
        ++at_;
        if (is(":"))
          return wrong("products of variables are not made here", now().place,
                       fmt::format("put {}:{} into a column of its own", path.rhs, tokens_[at_ + 1].text));
        return path;
      } else {
        return unexpected("the name of a variable");
      }
    }
  }

  Result<void> modifier(SemPath& path) {
    const Token name = now();
    at_ += 2;
    if (name.text == "start") {
      const bool negative = take("-");
      if (now().kind != Token::Kind::number) return unexpected("a number");
      path.start = negative ? -now().number : now().number;
    } else if (name.text == "label") {
      if (now().kind != Token::Kind::string) return unexpected("a label in quotes");
      path.label = now().text;
    } else {
      const bool groups = name.text == "c";
      return wrong(fmt::format("the modifier {}() is not offered", name.text), name.place,
                   groups ? "there is one group: one modifier per term" : "use numbers, NA, labels or start()");
    }
    ++at_;
    if (!take(")")) return unexpected("')'");
    if (!take("*")) return unexpected("'*'");
    return {};
  }

  Result<void> add(SemPath path) {
    const auto same = std::find_if(out_.paths.begin(), out_.paths.end(), [&](const SemPath& p) {
      return p.op == path.op &&
             ((p.lhs == path.lhs && p.rhs == path.rhs) || (p.op == "~~" && p.lhs == path.rhs && p.rhs == path.lhs));
    });
    if (same == out_.paths.end()) {
      out_.paths.push_back(std::move(path));
      return {};
    }
    // A term may be written again to give it another modifier: start(0.8)*x + a*x.
    if (!path.fixed && !path.start && !path.freed && path.label.empty())
      return wrong(fmt::format("{} {} {} is written twice", path.lhs, path.op, path.rhs), path.place, "take one out");
    if (path.fixed) same->fixed = path.fixed;
    if (path.start) same->start = path.start;
    if (path.freed) same->freed = true;
    if (!path.label.empty()) same->label = path.label;
    return {};
  }

  // ---- := ----

  using Node = std::shared_ptr<const SemExpression>;

  Result<void> definition(const Place& name) {
    ++at_;
    const std::size_t from = at_;
    auto node = sum();
    if (!node) return tl::unexpected(node.error());
    if (!ended()) return unexpected("an operator or the end of the line");
    std::string text;
    for (std::size_t i = from; i < at_; ++i) text += tokens_[i].text;
    for (const SemDefinition& d : out_.definitions)
      if (d.name == name.name)
        return wrong(fmt::format("'{}' is defined twice", name.name), name.place, "give one another name");
    out_.definitions.push_back({name.name, text, *node, name.place});
    return {};
  }

  Result<Node> binary(Result<Node> (Parser::*part)(), std::string_view signs) {
    auto left = (this->*part)();
    while (left && now().kind == Token::Kind::sign && now().text.size() == 1 &&
           signs.find(now().text[0]) != std::string_view::npos) {
      const Token op = now();
      ++at_;
      auto right = (this->*part)();
      if (!right) return right;
      left = std::make_shared<const SemExpression>(SemExpression{
          .kind = SemExpression::Kind::binary, .text = op.text, .place = op.place, .arguments = {*left, *right}});
    }
    return left;
  }
  Result<Node> sum() { return binary(&Parser::product, "+-"); }
  Result<Node> product() { return binary(&Parser::factor, "*/"); }

  Result<Node> factor() {
    const Token token = now();
    if (take("-")) {
      auto of = factor();
      if (!of) return of;
      return std::make_shared<const SemExpression>(
          SemExpression{.kind = SemExpression::Kind::negative, .place = token.place, .arguments = {*of}});
    }
    auto base = atom();
    if (!base || !is("^")) return base;
    const SemPlace place = now().place;
    ++at_;
    auto exponent = factor();
    if (!exponent) return exponent;
    return std::make_shared<const SemExpression>(SemExpression{
        .kind = SemExpression::Kind::binary, .text = "^", .place = place, .arguments = {*base, *exponent}});
  }

  Result<Node> atom() {
    const Token token = now();
    if (token.kind == Token::Kind::number) {
      ++at_;
      return std::make_shared<const SemExpression>(
          SemExpression{.kind = SemExpression::Kind::number, .number = token.number, .place = token.place});
    }
    if (take("(")) {
      auto inside = sum();
      if (inside && !take(")")) return unexpected("')'");
      return inside;
    }
    if (token.kind != Token::Kind::name) return unexpected("a label, a number or '('");
    ++at_;
    if (!take("("))
      return std::make_shared<const SemExpression>(
          SemExpression{.kind = SemExpression::Kind::name, .text = token.text, .place = token.place});
    static constexpr std::array<const char*, 4> kFunctions{"exp", "log", "sqrt", "abs"};
    if (std::find(kFunctions.begin(), kFunctions.end(), token.text) == kFunctions.end())
      return wrong(fmt::format("there is no function {}()", token.text), token.place, "use exp, log, sqrt or abs");
    auto inside = sum();
    if (!inside) return inside;
    if (!take(")")) return unexpected("')'");
    return std::make_shared<const SemExpression>(SemExpression{
        .kind = SemExpression::Kind::call, .text = token.text, .place = token.place, .arguments = {*inside}});
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  SemSyntax out_;
};

}  // namespace

std::string to_string(const SemPlace& place) {
  return fmt::format("model, line {}, column {}", place.line, place.column);
}

Result<SemSyntax> parse_sem(std::string_view text) {
  auto tokens = Reader(text).tokens();
  if (!tokens) return tl::unexpected(tokens.error());
  if (tokens->empty())
    return fail(Code::InvalidInput, "the model is empty", "model", "write a statement per line, e.g. y ~ x + m");
  return Parser(std::move(*tokens)).parse();
}

}  // namespace ipsi::stats
