// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <optional>

#include "core/base/text.h"
#include "core/stats/expression.h"

namespace ipsi::stats {
namespace {

using Node = std::shared_ptr<const Expression>;

struct Token {
  enum class Kind { name, number, symbol, end };
  Kind kind = Kind::end;
  std::string text;
  double number = 0.0;
  std::size_t at = 0;
};

tl::unexpected<Error> misread(const std::string& what, std::size_t at, const std::string& mend = "") {
  return fail(Code::Usage, what, fmt::format("formula, column {}", at + 1),
              mend.empty() ? "write e.g. y ~ age + sex + (1 | cohort)" : mend);
}

bool name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '.' || (c & 0x80) != 0;
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

Result<std::vector<Token>> tokens_of(std::string_view s) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < s.size();) {
    const char c = s[i];
    const std::size_t start = i;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (c == '`') {
      const std::size_t close = s.find('`', i + 1);
      if (close == std::string_view::npos) return misread("the backtick is never closed", i);
      out.push_back({Token::Kind::name, std::string(s.substr(i + 1, close - i - 1)), 0.0, i});
      i = close + 1;
    } else if (is_digit(c) || (c == '.' && i + 1 < s.size() && is_digit(s[i + 1]))) {
      while (i < s.size() && (is_digit(s[i]) || s[i] == '.' || s[i] == 'e' || s[i] == 'E' ||
                              ((s[i] == '+' || s[i] == '-') && (s[i - 1] == 'e' || s[i - 1] == 'E'))))
        ++i;
      const auto value = parse_double(s.substr(start, i - start));
      if (!value) return misread(fmt::format("'{}' is no number", s.substr(start, i - start)), start);
      out.push_back({Token::Kind::number, std::string(s.substr(start, i - start)), *value, start});
    } else if (name_start(c) || c == '_') {
      while (i < s.size() && (name_start(s[i]) || is_digit(s[i]) || s[i] == '_')) ++i;
      out.push_back({Token::Kind::name, std::string(s.substr(start, i - start)), 0.0, start});
    } else if (std::string_view("~+-:*/^(),|=").find(c) != std::string_view::npos) {
      const bool bars = c == '|' && i + 1 < s.size() && s[i + 1] == '|';
      i += bars ? 2 : 1;
      out.push_back({Token::Kind::symbol, bars ? "||" : std::string(1, c), 0.0, start});
    } else {
      return misread(fmt::format("'{}' means nothing in a formula", c), start);
    }
  }
  out.push_back({Token::Kind::end, "", 0.0, s.size()});
  return out;
}

struct Function {
  std::string_view name;
  std::size_t arguments_low, arguments_high;
};
constexpr Function kFunctions[] = {{"I", 1, 1},     {"log", 1, 1},  {"log2", 1, 1}, {"log10", 1, 1},
                                   {"log1p", 1, 1}, {"sqrt", 1, 1}, {"exp", 1, 1},  {"abs", 1, 1},
                                   {"scale", 1, 1}, {"z", 1, 1},    {"poly", 2, 3}, {"factor", 1, 1}};

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens) : raw_(text), tokens_(std::move(tokens)) {
    formula_.text = trim(text);
  }

  Result<Formula> parse() {
    const auto tilde = std::find_if(tokens_.begin(), tokens_.end(),
                                    [](const Token& t) { return t.text == "~" && t.kind == Token::Kind::symbol; });
    if (tilde == tokens_.end()) return misread("the formula has no '~'", tokens_.back().at);
    if (tilde != tokens_.begin()) {
      auto left = read_sum_of_values();
      if (!left) return tl::unexpected(left.error());
      if (!is("~")) return misread(fmt::format("'{}' cannot stand on the left side", peek().text), peek().at);
      auto bit = variable(*left, 0);
      if (!bit) return tl::unexpected(bit.error());
      formula_.response = 0;
    }
    ++next_;
    Terms terms;
    if (auto ok = read_sum(terms); !ok) return tl::unexpected(ok.error());
    if (peek().kind != Token::Kind::end)
      return misread(fmt::format("'{}' is not expected here", peek().text), peek().at);
    formula_.intercept = terms.intercept;
    formula_.terms = sorted(terms.list);
    if (formula_.response == 0)
      for (const TermBits term : formula_.terms)
        if ((term & 1U) != 0)
          return misread(fmt::format("'{}' stands on both sides", formula_.variables[0]), 0,
                         "take it out of the right side");
    return std::move(formula_);
  }

 private:
  struct Terms {
    std::vector<TermBits> list;
    bool intercept = true;
    bool random = false;  // a random term stands here; it can only be added
  };

  const Token& peek() const { return tokens_[next_]; }
  bool is(std::string_view symbol) const { return peek().kind == Token::Kind::symbol && peek().text == symbol; }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++next_;
    return true;
  }

  static std::vector<TermBits> sorted(std::vector<TermBits> list) {
    std::stable_sort(list.begin(), list.end(),
                     [](TermBits a, TermBits b) { return std::popcount(a) < std::popcount(b); });
    return list;
  }
  static void add(std::vector<TermBits>& list, TermBits term) {
    if (std::find(list.begin(), list.end(), term) == list.end()) list.push_back(term);
  }

  Result<TermBits> variable(const Node& node, std::size_t at) {
    const std::string label = deparse(*node);
    const auto found = std::find(formula_.variables.begin(), formula_.variables.end(), label);
    const auto index = found - formula_.variables.begin();
    if (found == formula_.variables.end()) {
      if (index == 64) return misread("a formula has at most 64 variables", at);
      formula_.variables.push_back(label);
      formula_.expressions.push_back(node);
    }
    return TermBits{1} << index;
  }

  // sum := [+|-] product (('+'|'-') product)*
  Result<void> read_sum(Terms& out) {
    bool minus = false;
    if (take("-"))
      minus = true;
    else
      take("+");
    for (;;) {
      if (peek().kind == Token::Kind::number) {
        const Token token = peek();
        ++next_;
        if (token.number != 0.0 && token.number != 1.0)
          return misread(fmt::format("the number {} cannot be a term; only 0 and 1 can", token.text), token.at);
        if (is(":") || is("*") || is("^") || is("/"))
          return misread(fmt::format("the number {} cannot be multiplied", token.text), token.at);
        out.intercept = (token.number == 1.0) != minus;
      } else {
        Terms part;
        part.intercept = out.intercept;
        const std::size_t at = peek().at;
        if (auto ok = read_product(part); !ok) return ok;
        if (part.random && minus) return misread("a random term cannot be taken away", at);
        for (const TermBits term : part.list) {
          if (minus)
            std::erase(out.list, term);
          else
            add(out.list, term);
        }
        out.intercept = part.intercept;
      }
      if (take("+"))
        minus = false;
      else if (take("-"))
        minus = true;
      else
        return {};
    }
  }

  static Terms crossed(const Terms& a, const Terms& b) {
    Terms out{.list = {}, .intercept = a.intercept};
    for (const TermBits x : a.list)
      for (const TermBits y : b.list) add(out.list, x | y);
    return out;
  }

  Result<void> not_random(const Terms& a, const Terms& b, std::size_t at) const {
    if (a.random || b.random) return misread("a random term cannot be multiplied", at);
    return {};
  }

  // product := interaction (('*'|'/') interaction)*
  Result<void> read_product(Terms& out) {
    if (auto ok = read_interaction(out); !ok) return ok;
    while (is("*") || is("/")) {
      const bool nested = is("/");
      const std::size_t at = peek().at;
      ++next_;
      Terms right;
      right.intercept = out.intercept;
      if (auto ok = read_interaction(right); !ok) return ok;
      if (auto ok = not_random(out, right, at); !ok) return ok;
      Terms both;
      if (nested) {  // a/b = a + b within all of a
        TermBits all = 0;
        for (const TermBits term : out.list) all |= term;
        both = crossed(Terms{.list = {all}}, right);
      } else {
        both = crossed(out, right);
        for (const TermBits term : right.list) add(out.list, term);
      }
      for (const TermBits term : both.list) add(out.list, term);
    }
    return {};
  }

  // interaction := power (':' power)*
  Result<void> read_interaction(Terms& out) {
    if (auto ok = read_power(out); !ok) return ok;
    while (is(":")) {
      const std::size_t at = peek().at;
      ++next_;
      Terms right;
      if (auto ok = read_power(right); !ok) return ok;
      if (auto ok = not_random(out, right, at); !ok) return ok;
      const bool intercept = out.intercept;
      out = crossed(out, right);
      out.intercept = intercept;
    }
    return {};
  }

  // power := primary ['^' whole number]
  Result<void> read_power(Terms& out) {
    if (auto ok = read_primary(out); !ok) return ok;
    if (!is("^")) return {};
    const std::size_t at = peek().at;
    ++next_;
    if (peek().kind != Token::Kind::number || peek().number < 1 || peek().number > 20 ||
        peek().number != static_cast<double>(static_cast<int>(peek().number)))
      return misread("after '^' comes a whole number from 1", peek().at, "for powers of a number write I(x^2)");
    const int times = static_cast<int>(peek().number);
    ++next_;
    if (auto ok = not_random(out, out, at); !ok) return ok;
    const Terms base = out;
    for (int i = 1; i < times; ++i) {
      const Terms more = crossed(out, base);
      for (const TermBits term : more.list) add(out.list, term);
    }
    return {};
  }

  Result<void> read_primary(Terms& out) {
    const Token token = peek();
    if (is("(")) {
      if (has_bar()) {
        out.random = true;
        return read_random();
      }
      ++next_;
      if (auto ok = read_sum(out); !ok) return ok;
      if (!take(")")) return misread("a parenthesis is not closed", token.at);
      return {};
    }
    if (token.kind != Token::Kind::name)
      return misread(token.kind == Token::Kind::end ? "the formula ends where a term is due"
                                                    : fmt::format("'{}' where a term is due", token.text),
                     token.at);
    auto node = read_name();
    if (!node) return tl::unexpected(node.error());
    auto bit = variable(*node, token.at);
    if (!bit) return tl::unexpected(bit.error());
    out.list = {*bit};
    return {};
  }

  // Does the parenthesis that opens here hold a bar of its own?
  bool has_bar() const {
    int depth = 0;
    for (std::size_t i = next_; i < tokens_.size(); ++i) {
      if (tokens_[i].kind != Token::Kind::symbol) continue;
      if (tokens_[i].text == "(") ++depth;
      if (tokens_[i].text == ")" && --depth == 0) return false;
      if (depth == 1 && (tokens_[i].text == "|" || tokens_[i].text == "||")) return true;
    }
    return false;
  }

  Result<void> read_random() {
    const std::size_t open = peek().at;
    ++next_;
    RandomTerm term;
    Terms left;
    if (auto ok = read_sum(left); !ok) return ok;
    term.correlated = !is("||");
    if (!take("|") && !take("||")) return misread("a random term is written (x | group)", peek().at);
    auto groups = read_groups();
    if (!groups) return tl::unexpected(groups.error());
    const std::size_t close = peek().at;
    if (!take(")")) return misread("the parenthesis of the random term is not closed", open);
    if (left.random) return misread("a random term cannot hold another", open);
    if (left.list.empty() && !left.intercept) return misread("the random term is empty", open, "write (1 | group)");
    term.terms = sorted(left.list);
    term.intercept = left.intercept;
    term.text = trim(std::string_view(source_of(open + 1, close)));
    const std::string left_text = trim(std::string_view(term.text).substr(0, term.text.find('|')));
    for (std::vector<std::string>& columns : *groups) {
      term.group = join(columns, ":");
      term.group_columns = std::move(columns);
      if (groups->size() > 1) term.text = left_text + (term.correlated ? " | " : " || ") + term.group;
      formula_.random.push_back(term);
    }
    return {};
  }

  // groups := name (':' name)* | name ('/' name)*; the second is one grouping factor for each level of nesting
  Result<std::vector<std::vector<std::string>>> read_groups() {
    std::vector<std::vector<std::string>> out(1);
    std::string sign;
    do {
      if (peek().kind != Token::Kind::name)
        return misread("after '|' comes the name of the grouping column", peek().at);
      if (std::find(out.back().begin(), out.back().end(), peek().text) != out.back().end())
        return misread(fmt::format("'{}' stands twice in the grouping", peek().text), peek().at);
      if (sign == "/") out.push_back(out.back());
      out.back().push_back(peek().text);
      ++next_;
      if (!is(":") && !is("/")) return out;
      if (!sign.empty() && peek().text != sign)
        return misread("':' and '/' are mixed in the grouping", peek().at, "write one random term for each");
      sign = peek().text;
      ++next_;
    } while (true);
  }

  // The formula's own text between two places; places count from the untrimmed text.
  std::string source_of(std::size_t from, std::size_t to) const { return raw_.substr(from, to - from); }

  // Name, or function call.
  Result<Node> read_name() {
    const Token token = peek();
    ++next_;
    if (!is("(")) {
      auto node = std::make_shared<Expression>();
      node->text = token.text;
      return Node(node);
    }
    return read_call(token);
  }

  Result<Node> read_call(const Token& name) {
    const auto* function = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                        [&](const Function& f) { return f.name == name.text; });
    if (function == std::end(kFunctions)) {
      std::vector<std::string> known;
      for (const Function& f : kFunctions) known.emplace_back(f.name);
      return misread(fmt::format("there is no function '{}'", name.text), name.at,
                     "functions are " + join(known, ", "));
    }
    ++next_;
    auto node = std::make_shared<Expression>();
    node->kind = Expression::Kind::call;
    node->text = name.text;
    do {
      std::string argument_name;
      if (peek().kind == Token::Kind::name && tokens_[next_ + 1].text == "=") {
        argument_name = peek().text;
        next_ += 2;
      }
      auto argument = read_sum_of_values();
      if (!argument) return argument;
      node->arguments.push_back(*argument);
      node->argument_names.push_back(argument_name);
    } while (take(","));
    if (!take(")")) return misread(fmt::format("the parenthesis of {}( is not closed", name.text), name.at);
    if (node->arguments.size() < function->arguments_low || node->arguments.size() > function->arguments_high)
      return misread(fmt::format("{}() has {} arguments", name.text, node->arguments.size()), name.at,
                     name.text == "poly" ? "write poly(x, 2)" : fmt::format("write {}(x)", name.text));
    if (name.text == "poly")
      if (auto ok = check_poly(*node, name.at); !ok) return tl::unexpected(ok.error());
    return Node(node);
  }

  static Result<void> check_poly(const Expression& node, std::size_t at) {
    const Expression& degree = *node.arguments[1];
    const bool whole = degree.kind == Expression::Kind::number && degree.number >= 1 && degree.number <= 20 &&
                       degree.number == static_cast<double>(static_cast<int>(degree.number));
    const std::string& degree_name = node.argument_names[1];
    if (!whole || !node.argument_names[0].empty() || (!degree_name.empty() && degree_name != "degree"))
      return misread("the second argument of poly() is the degree, a whole number from 1", at, "write poly(x, 2)");
    if (node.arguments.size() == 3) {
      const std::string& flag = node.arguments[2]->text;
      const bool truth = node.arguments[2]->kind == Expression::Kind::name && (flag == "TRUE" || flag == "FALSE");
      if (node.argument_names[2] != "raw" || !truth)
        return misread("the third argument of poly() is raw = TRUE or raw = FALSE", at, "write poly(x, 2, raw = TRUE)");
    }
    return {};
  }

  // ---- arithmetic inside functions and on the left side ----

  static Node binary(const std::string& op, Node a, Node b) {
    auto node = std::make_shared<Expression>();
    node->kind = Expression::Kind::binary;
    node->text = op;
    node->arguments = {std::move(a), std::move(b)};
    return node;
  }

  Result<Node> read_sum_of_values() {
    auto left = read_product_of_values();
    while (left && (is("+") || is("-"))) {
      const std::string op = peek().text;
      ++next_;
      auto right = read_product_of_values();
      if (!right) return right;
      left = binary(op, *left, *right);
    }
    return left;
  }

  Result<Node> read_product_of_values() {
    auto left = read_signed_value();
    while (left && (is("*") || is("/"))) {
      const std::string op = peek().text;
      ++next_;
      auto right = read_signed_value();
      if (!right) return right;
      left = binary(op, *left, *right);
    }
    return left;
  }

  Result<Node> read_signed_value() {
    if (take("+")) return read_signed_value();
    if (!take("-")) return read_power_of_value();
    auto inner = read_signed_value();
    if (!inner) return inner;
    auto node = std::make_shared<Expression>();
    node->kind = Expression::Kind::negative;
    node->arguments = {*inner};
    return Node(node);
  }

  Result<Node> read_power_of_value() {
    auto base = read_value();
    if (!base || !take("^")) return base;
    auto exponent = read_signed_value();  // right-associative, and binds its own sign
    if (!exponent) return exponent;
    return binary("^", *base, *exponent);
  }

  Result<Node> read_value() {
    const Token token = peek();
    if (token.kind == Token::Kind::name) return read_name();
    auto node = std::make_shared<Expression>();
    if (token.kind == Token::Kind::number) {
      ++next_;
      node->kind = Expression::Kind::number;
      node->number = token.number;
      return Node(node);
    }
    if (take("(")) {
      auto inner = read_sum_of_values();
      if (!inner) return inner;
      if (!take(")")) return misread("a parenthesis is not closed", token.at);
      node->kind = Expression::Kind::parenthesis;
      node->arguments = {*inner};
      return Node(node);
    }
    return misread(token.kind == Token::Kind::end ? "the formula ends where a value is due"
                                                  : fmt::format("'{}' where a value is due", token.text),
                   token.at);
  }

  std::string raw_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  Formula formula_;
};

}  // namespace

std::string Formula::label(TermBits term) const {
  if (term == 0) return "(Intercept)";
  std::string out;
  for (std::size_t i = 0; i < variables.size(); ++i)
    if ((term >> i & 1U) != 0) out += (out.empty() ? "" : ":") + variables[i];
  return out;
}

std::vector<std::string> Formula::columns_used() const {
  std::vector<std::string> out;
  for (const auto& expression : expressions) collect_columns(*expression, out);
  for (const RandomTerm& term : random)
    for (const std::string& column : term.group_columns)
      if (std::find(out.begin(), out.end(), column) == out.end()) out.push_back(column);
  return out;
}

Result<Formula> parse_formula(std::string_view text) {
  if (trim(text).empty())
    return fail(Code::Usage, "the formula is empty", "", "write e.g. y ~ age + sex + (1 | cohort)");
  auto tokens = tokens_of(text);
  if (!tokens) return tl::unexpected(tokens.error());
  return Parser(text, std::move(*tokens)).parse();
}

}  // namespace ipsi::stats
