// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rating_journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "core/base/regions.h"
#include "core/base/text.h"

namespace ipsi::study {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "# ipsi-ratings\t";
constexpr std::array<std::string_view, 13> kColumns{"time",       "rater", "subject", "session", "region",
                                                    "before",     "flag",  "comment", "said",    "scan_hash",
                                                    "suggestion", "risk",  "seconds"};
enum Column {
  kTime,
  kRater,
  kSubject,
  kSession,
  kRegion,
  kBefore,
  kFlag,
  kComment,
  kSaid,
  kHash,
  kShown,
  kRisk,
  kSeconds
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      default: out += c;
    }
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view cell) {
  std::string out;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '\\') {
      out += cell[i];
      continue;
    }
    if (++i == cell.size()) return std::nullopt;
    switch (cell[i]) {
      case '\\': out += '\\'; break;
      case 't': out += '\t'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      default: return std::nullopt;
    }
  }
  return out;
}

std::string row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = escaped(cell);
  return join(cells, "\t") + '\n';
}

std::string header(const std::string& rater, const std::string& instance) {
  return fmt::format("{}{}\t{}\t{}\n", kMagic, kJournalVersion, escaped(rater), escaped(instance)) +
         row({kColumns.begin(), kColumns.end()});
}

/// The "4.2" of "lesioned, before, 4.2 s: overlap 31 %".
std::string seconds_in(std::string_view suggestion) {
  const std::string_view head = suggestion.substr(0, suggestion.find(':'));
  const auto comma = head.rfind(", ");
  if (comma == std::string_view::npos || !head.ends_with(" s")) return {};
  const std::string_view number = head.substr(comma + 2, head.size() - comma - 4);
  return parse_double(number) ? std::string(number) : std::string();
}

std::string text_of(const JournalLine& line) {
  const Rating& r = line.word.rating;
  const Beside& b = line.word.beside;
  return row({line.time, r.rater, r.person, r.session, r.region, std::string(to_string(line.before)),
              std::string(to_string(r.flag)), r.comment, r.time, r.scan_hash, b.suggestion, format_double(b.risk),
              seconds_in(b.suggestion)});
}

tl::expected<double, std::string> number(const std::string& cell) {
  if (cell.empty()) return kMissing;
  const auto value = parse_double(cell);
  if (!value) return tl::unexpected<std::string>(fmt::format("'{}' is not a number", cell));
  return *value;
}

/// One line as a decision, or what is wrong with it.
tl::expected<JournalLine, std::string> read_line(std::string_view line) {
  const auto bad = [](std::string what) { return tl::unexpected<std::string>(std::move(what)); };
  std::vector<std::string> cells;
  for (const auto& part : split(line, '\t')) {
    auto cell = unescaped(part);
    if (!cell) return bad("a backslash stands alone");
    cells.push_back(std::move(*cell));
  }
  if (cells.size() != kColumns.size())
    return bad(fmt::format("{} columns instead of {}", cells.size(), kColumns.size()));
  JournalLine out;
  Rating& r = out.word.rating;
  out.time = cells[kTime];
  r.rater = cells[kRater], r.person = cells[kSubject], r.session = cells[kSession], r.region = cells[kRegion];
  r.comment = cells[kComment], r.time = cells[kSaid], r.scan_hash = cells[kHash];
  if (r.rater.empty() || r.person.empty() || r.session.empty()) return bad("rater, subject or session is missing");
  if (find_region(r.region) == nullptr) return bad(fmt::format("there is no region '{}'", r.region));
  const auto before = parse_flag(cells[kBefore]), flag = parse_flag(cells[kFlag]);
  if (!before || !flag) return bad(fmt::format("the flag is '{}'", cells[!flag ? kFlag : kBefore]));
  for (const std::string& time : {out.time, r.time})
    if (!(time.empty() && &time != &out.time) && !utc_time(time)) return bad(fmt::format("'{}' is not a time", time));
  const auto risk = number(cells[kRisk]);
  if (!risk) return bad(risk.error());
  out.before = *before, r.flag = *flag;
  out.word.beside = {cells[kShown], *risk};
  return out;
}

std::string errno_words() {
  return std::strerror(errno);
}

/// Closes a descriptor.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

/// What the file holds from byte `known` on must be how `text` goes on there. Returns how much of it there is.
Result<std::size_t> held(int fd, const fs::path& path, std::string_view text, std::size_t known) {
  const auto other =
      fail(Code::Conflict, "the rating file holds something else than this machine wrote", path.string());
  struct stat info {};
  if (::fstat(fd, &info) != 0)
    return fail(Code::Environment, "cannot look at the rating file: " + errno_words(), path.string());
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > text.size() || size < known) return other;
  std::string have(size - known, '\0');
  for (std::size_t read = 0; read < have.size();) {
    const auto n = ::pread(fd, have.data() + read, have.size() - read, static_cast<off_t>(known + read));
    if (n < 0) return fail(Code::Environment, "cannot read the rating file: " + errno_words(), path.string());
    if (n == 0) return other;
    read += static_cast<std::size_t>(n);
  }
  if (text.substr(known, have.size()) != have) return other;
  return size;
}

}  // namespace

bool Beside::empty() const {
  return suggestion.empty() && std::isnan(risk);
}

bool is_journal(std::string_view text) {
  return text.starts_with(kMagic);
}

Result<Journal> read_journal(std::string_view text, const std::string& file) {
  const auto no_journal = fail(Code::ReadFailed, "this is no rating file of Ipsi", file, "take it out of the folder");
  Journal out;
  const auto end = text.find('\n');
  if (end == std::string_view::npos) {  // cut short while it was made, or something else
    if (kMagic.starts_with(text.substr(0, kMagic.size()))) return out;
    return no_journal;
  }
  if (!is_journal(text)) return no_journal;
  const auto head = split(text.substr(0, end), '\t');
  const auto version = head.size() > 1 ? parse_integer(head[1]) : std::nullopt;
  if (!version) return no_journal;
  if (*version > kJournalVersion)
    return fail(
        Code::ReadFailed,
        fmt::format("the rating file is of version {}, and this Ipsi reads up to {}", *version, kJournalVersion), file,
        "update Ipsi");
  if (head.size() < 4) return no_journal;
  out.rater = unescaped(head[2]).value_or(head[2]);
  out.instance = trim(unescaped(head[3]).value_or(head[3]));
  out.whole = end + 1;
  for (int number = 2;; ++number) {
    const auto stop = text.find('\n', out.whole);
    if (stop == std::string_view::npos) return out;
    std::string_view line = text.substr(out.whole, stop - out.whole);
    out.whole = stop + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 2 || line.empty()) continue;  // the names of the columns
    auto read = read_line(line);
    if (read)
      out.lines.push_back(std::move(*read));
    else
      out.problems.push_back({number, "", "", read.error(), "the line is left out; the others are used"});
  }
}

std::string region_key(const Rating& r) {
  return fmt::format("{}\t{}\t{}\t{}", r.person, r.session, r.region, r.rater);
}

std::string word_key(const Rating& r) {
  return fmt::format("{}\t{}\t{}\t{}", region_key(r), r.time, to_string(r.flag), r.comment);
}

Said said_in(const Journal& journal) {
  struct Region {
    std::vector<Word> words;  // each once
    int current = -1;
  };
  std::map<std::string, Region> regions;
  for (const auto& line : journal.lines) {
    Region& region = regions[region_key(line.word.rating)];
    region.current = -1;
    if (line.word.rating.time.empty()) continue;
    const std::string key = word_key(line.word.rating);
    const auto same = [&](const Word& word) { return word_key(word.rating) == key; };
    const auto found = std::find_if(region.words.begin(), region.words.end(), same);
    region.current = static_cast<int>(found - region.words.begin());
    if (found == region.words.end()) {
      region.words.push_back(line.word);
    } else {
      found->rating.scan_hash = line.word.rating.scan_hash;  // carried over to a new image
      if (!line.word.beside.empty()) found->beside = line.word.beside;
    }
  }
  Said out;
  for (auto& [_, region] : regions)
    for (std::size_t i = 0; i < region.words.size(); ++i) {
      if (static_cast<int>(i) == region.current)
        out.current.push_back(std::move(region.words[i]));
      else
        out.earlier.push_back(std::move(region.words[i].rating));
    }
  return out;
}

JournalText::JournalText(std::string rater, std::string instance) : text_(header(rater, instance)) {
  journal_.rater = std::move(rater);
  journal_.instance = std::move(instance);
}

void JournalText::add(const Act& act) {
  if (act.author == kShareAuthor) return;
  for (const auto& edit : act.edits)
    if (edit.table == "rating") add(act, edit);
}

void JournalText::add(const Act& act, const Edit& edit) {
  const auto field = [](const Json& json, const char* name) {
    return json.is_object() ? json.value(name, std::string()) : std::string();
  };
  JournalLine line;
  Rating& r = line.word.rating;
  r.person = field(edit.key, "person"), r.session = field(edit.key, "session");
  r.region = field(edit.key, "region"), r.rater = field(edit.key, "rater");
  r.flag = parse_flag(field(edit.after, "flag")).value_or(Flag::unrated);
  r.comment = field(edit.after, "comment"), r.time = field(edit.after, "time");
  r.scan_hash = field(edit.after, "scan_hash");
  line.before = parse_flag(field(edit.before, "flag")).value_or(Flag::unrated);
  line.time = time_ = time_after(time_, act.time);
  auto& own = words_[region_key(r)];
  const bool back = act.kind == "undo" || act.kind == "redo";
  if (!r.time.empty() && back && !own.contains(word_key(r)))
    r.time.clear();  // somebody else's word stands again; this file has nothing to add
  else if (!r.time.empty())
    own.insert(word_key(r));
  for (const auto& beside : act.edits) {
    const bool here = beside.table == "measurement" && field(beside.key, "measure") == kShownMeasure &&
                      field(beside.key, "person") == r.person && field(beside.key, "session") == r.session &&
                      field(beside.key, "region") == r.region && field(beside.key, "source") == r.rater &&
                      beside.after.is_object();
    if (!here) continue;
    const Json& value = beside.after.contains("value") ? beside.after.at("value") : Json(nullptr);
    line.word.beside = {field(beside.after, "note"), value.is_number() ? value.get<double>() : kMissing};
  }
  touched_.insert(region_key(r));
  text_ += text_of(line);
  ends_.push_back(text_.size());
  journal_.lines.push_back(std::move(line));
  fresh_ = false;
}

const Said& JournalText::said() const {
  if (!fresh_) said_ = said_in(journal_);
  fresh_ = true;
  return said_;
}

int JournalText::lines_after(std::size_t bytes) const {
  return static_cast<int>(ends_.end() - std::upper_bound(ends_.begin(), ends_.end(), bytes));
}

std::set<std::string> JournalText::take_touched() {
  return std::exchange(touched_, {});
}

Result<void> continue_file(const fs::path& path, std::string_view text, std::size_t known) {
  // Not O_APPEND: where the answer of a share got lost, the same bytes are written to the same place once more.
  const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664)};
  if (file.fd < 0)
    return fail(Code::Environment, "the rating file cannot be written: " + errno_words(), path.string(),
                "check the permissions of its folder");
  const auto size = held(file.fd, path, text, known);
  if (!size) return tl::unexpected<Error>(size.error());
  for (std::size_t at = *size; at < text.size();) {
    const auto n = ::pwrite(file.fd, text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return fail(Code::Environment, "the rating file cannot be written: " + errno_words(), path.string(),
                  "check the free space of the share");
    at += static_cast<std::size_t>(n);
  }
  if (::fdatasync(file.fd) != 0)
    return fail(Code::Environment, "the rating file cannot be brought to the disk: " + errno_words(), path.string());
  return {};
}

}  // namespace ipsi::study
