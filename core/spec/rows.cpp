// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/rows.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <optional>
#include <string>

#include "core/base/text.h"

namespace ipsi::spec {
namespace {

enum class Truth : char { no, unknown, yes };
using Mask = std::vector<Truth>;

struct Token {
  enum class Kind { word, name, number, text, symbol, end };
  Kind kind = Kind::end;
  std::string text;
  double number = 0.0;
  std::size_t at = 0;
};

tl::unexpected<Error> misread(const std::string& what, std::size_t at) {
  return fail(Code::Usage, what, fmt::format("row condition, column {}", at + 1),
              "write e.g. days_post_stroke >= 180 and flag == 'ok'");
}

bool word_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}
bool word_part(char c) {
  return word_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

Result<Token> quoted(std::string_view s, std::size_t& i) {
  const char quote = s[i];
  const std::size_t close = s.find(quote, i + 1);
  if (close == std::string_view::npos) return misread(fmt::format("the quote {} is never closed", quote), i);
  Token token{.kind = quote == '`' ? Token::Kind::name : Token::Kind::text,
              .text = std::string(s.substr(i + 1, close - i - 1)),
              .number = 0.0,
              .at = i};
  i = close + 1;
  return token;
}

Result<std::vector<Token>> tokens_of(std::string_view s) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < s.size();) {
    const char c = s[i];
    const std::size_t start = i;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (c == '\'' || c == '"' || c == '`') {
      auto token = quoted(s, i);
      if (!token) return tl::unexpected(token.error());
      out.push_back(*token);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+' ||
               (c == '.' && i + 1 < s.size() && std::isdigit(static_cast<unsigned char>(s[i + 1])) != 0)) {
      ++i;
      while (i < s.size() && (word_part(s[i]) || ((s[i] == '-' || s[i] == '+') && std::tolower(s[i - 1]) == 'e'))) ++i;
      const auto value = parse_double(s.substr(start, i - start));
      if (!value) return misread(fmt::format("'{}' is no number", s.substr(start, i - start)), start);
      out.push_back({Token::Kind::number, std::string(s.substr(start, i - start)), *value, start});
    } else if (word_start(c)) {
      while (i < s.size() && word_part(s[i])) ++i;
      out.push_back({Token::Kind::word, std::string(s.substr(start, i - start)), 0.0, start});
    } else {
      const std::size_t length =
          s.substr(i, 2) == "==" || s.substr(i, 2) == "!=" || s.substr(i, 2) == "<=" || s.substr(i, 2) == ">=" ? 2 : 1;
      if (length == 1 && std::string_view("<>(),").find(c) == std::string_view::npos)
        return misread(
            c == '=' ? "'=' stands alone; equality is written '=='" : fmt::format("'{}' means nothing here", c), start);
      out.push_back({Token::Kind::symbol, std::string(s.substr(i, length)), 0.0, start});
      i += length;
    }
  }
  out.push_back({Token::Kind::end, "", 0.0, s.size()});
  return out;
}

bool compares(const std::string& op, int order) {
  if (op == "==") return order == 0;
  if (op == "!=") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

class Reader {
 public:
  Reader(const table::Table& data, std::vector<Token> tokens) : data_(data), tokens_(std::move(tokens)) {}

  Result<Mask> read() {
    auto mask = read_or();
    if (mask && peek().kind != Token::Kind::end)
      return misread(fmt::format("'{}' is one too many", peek().text), peek().at);
    return mask;
  }

 private:
  struct Operand {
    const table::Column* column = nullptr;
    std::optional<double> number;
    std::optional<std::string> text;
    std::size_t at = 0;
  };

  const Token& peek() const { return tokens_[next_]; }
  bool take(Token::Kind kind, std::string_view text) {
    if (peek().kind != kind || peek().text != text) return false;
    ++next_;
    return true;
  }

  Result<Mask> read_or() {
    auto left = read_and();
    while (left && take(Token::Kind::word, "or")) {
      auto right = read_and();
      if (!right) return right;
      for (std::size_t i = 0; i < left->size(); ++i) (*left)[i] = std::max((*left)[i], (*right)[i]);
    }
    return left;
  }

  Result<Mask> read_and() {
    auto left = read_not();
    while (left && take(Token::Kind::word, "and")) {
      auto right = read_not();
      if (!right) return right;
      for (std::size_t i = 0; i < left->size(); ++i) (*left)[i] = std::min((*left)[i], (*right)[i]);
    }
    return left;
  }

  Result<Mask> read_not() {
    if (take(Token::Kind::word, "not")) {
      auto mask = read_not();
      if (!mask) return mask;
      for (Truth& t : *mask) t = t == Truth::unknown ? t : (t == Truth::yes ? Truth::no : Truth::yes);
      return mask;
    }
    if (take(Token::Kind::symbol, "(")) {
      auto mask = read_or();
      if (mask && !take(Token::Kind::symbol, ")")) return misread("a parenthesis is not closed", peek().at);
      return mask;
    }
    return read_comparison();
  }

  Result<Operand> read_operand() {
    const Token token = peek();
    Operand out;
    out.at = token.at;
    switch (token.kind) {
      case Token::Kind::number: out.number = token.number; break;
      case Token::Kind::text: out.text = token.text; break;
      case Token::Kind::word:
      case Token::Kind::name: {
        const table::Column* column = data_.find(token.text);
        if (column == nullptr && token.kind == Token::Kind::word && (token.text == "true" || token.text == "false")) {
          out.number = token.text == "true" ? 1.0 : 0.0;
          break;
        }
        if (column == nullptr) {
          Error error = data_.require(token.text).error();
          error.where = fmt::format("row condition, column {}", token.at + 1);
          return tl::unexpected(error);
        }
        out.column = column;
        break;
      }
      default:
        return misread(token.kind == Token::Kind::end ? "the condition ends too early"
                                                      : fmt::format("'{}' where a column or value is due", token.text),
                       token.at);
    }
    ++next_;
    return out;
  }

  Result<Mask> read_comparison() {
    auto left = read_operand();
    if (!left) return tl::unexpected(left.error());
    if (take(Token::Kind::word, "is")) return read_is(*left);
    if (take(Token::Kind::word, "in")) return read_in(*left);
    static constexpr std::string_view kOperators[] = {"==", "!=", "<", "<=", ">", ">="};
    for (const std::string_view op : kOperators) {
      if (!take(Token::Kind::symbol, op)) continue;
      auto right = read_operand();
      if (!right) return tl::unexpected(right.error());
      return compare(*left, std::string(op), *right);
    }
    if (left->column != nullptr && left->column->kind == table::Column::Kind::logical)
      return compare(*left, "==", Operand{.column = nullptr, .number = 1.0, .text = {}, .at = left->at});
    return misread("a comparison is missing here", peek().at);
  }

  Result<Mask> read_is(const Operand& operand) {
    if (operand.column == nullptr) return misread("only a column can be known or missing", operand.at);
    const bool known = take(Token::Kind::word, "known");
    if (!known && !take(Token::Kind::word, "missing")) return misread("after 'is' comes known or missing", peek().at);
    Mask out(data_.rows());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = operand.column->missing(i) != known ? Truth::yes : Truth::no;
    return out;
  }

  Result<Mask> read_in(const Operand& operand) {
    if (!take(Token::Kind::symbol, "(")) return misread("after 'in' comes a list in parentheses", peek().at);
    Mask out(data_.rows(), Truth::no);
    do {
      auto value = read_operand();
      if (!value) return tl::unexpected(value.error());
      auto mask = compare(operand, "==", *value);
      if (!mask) return mask;
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::max(out[i], (*mask)[i]);
    } while (take(Token::Kind::symbol, ","));
    if (!take(Token::Kind::symbol, ")")) return misread("the list after 'in' is not closed", peek().at);
    return out;
  }

  static bool is_text(const Operand& o) {
    return o.column != nullptr ? o.column->kind == table::Column::Kind::text : o.text.has_value();
  }
  static std::string text_at(const Operand& o, std::size_t row) {
    if (o.column != nullptr) return o.column->cell(row);
    return o.text ? *o.text : format_double(*o.number);
  }

  Result<Mask> compare(const Operand& a, const std::string& op, const Operand& b) {
    const bool equality = op == "==" || op == "!=";
    // A quoted number against a numeric column, or a number against a text column of codes, is meant as equality.
    std::optional<double> a_number = a.number;
    std::optional<double> b_number = b.number;
    if (a.text && b.column != nullptr && !is_text(b)) a_number = parse_double(*a.text);
    if (b.text && a.column != nullptr && !is_text(a)) b_number = parse_double(*b.text);
    const bool a_numeric = (a.column != nullptr && !is_text(a)) || a_number.has_value();
    const bool b_numeric = (b.column != nullptr && !is_text(b)) || b_number.has_value();
    Mask out(data_.rows(), Truth::unknown);
    if (a_numeric && b_numeric) {
      for (std::size_t i = 0; i < out.size(); ++i) {
        const double x = a_number ? *a_number : a.column->values[i];
        const double y = b_number ? *b_number : b.column->values[i];
        if (std::isnan(x) || std::isnan(y)) continue;
        out[i] = compares(op, x < y ? -1 : (x > y ? 1 : 0)) ? Truth::yes : Truth::no;
      }
      return out;
    }
    const bool code = equality && ((is_text(a) && a.column != nullptr) || (is_text(b) && b.column != nullptr));
    if (a_numeric != b_numeric && !code)
      return fail(Code::InvalidInput, fmt::format("'{}' compares a text with a number", op),
                  fmt::format("row condition, column {}", a.at + 1), "compare like with like");
    for (std::size_t i = 0; i < out.size(); ++i) {
      if ((a.column != nullptr && a.column->missing(i)) || (b.column != nullptr && b.column->missing(i))) continue;
      out[i] = compares(op, text_at(a, i).compare(text_at(b, i))) ? Truth::yes : Truth::no;
    }
    return out;
  }

  const table::Table& data_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

}  // namespace

Result<std::vector<std::size_t>> rows_where(const table::Table& data, std::string_view condition) {
  std::vector<std::size_t> out;
  if (trim(condition).empty()) {
    for (std::size_t i = 0; i < data.rows(); ++i) out.push_back(i);
    return out;
  }
  auto tokens = tokens_of(condition);
  if (!tokens) return tl::unexpected(tokens.error());
  auto mask = Reader(data, std::move(*tokens)).read();
  if (!mask) return tl::unexpected(mask.error());
  for (std::size_t i = 0; i < mask->size(); ++i)
    if ((*mask)[i] == Truth::yes) out.push_back(i);
  return out;
}

}  // namespace ipsi::spec
