// Most records lie completely in the bytes of one feed() and are returned as views into them. A record that continues
// in later bytes is collected in carry_. The layout is a state of its own; within the layouts with values, Expect tells
// what may come next. Brackets are not counted byte by byte but by BracketScan, which is what makes splitting faster
// than parsing. All offsets count from the begin of the export.
#include "host/pipeline/asset_splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace angod::host {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string shown(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte < 0x7f ? fmt::format("'{}'", c) : fmt::format("byte 0x{:02x}", byte);
}

std::uint64_t newlines(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

void AssetSplitter::feed(std::string_view bytes) {
    fed_ += bytes_.size();
    bytes_ = bytes;
    at_ = 0;
    if (!bytes.empty()) last_byte_ = bytes.back();
}

PartsBefore AssetSplitter::passed() const {
    const std::uint64_t lines = last_byte_ == '\n' ? line_ - 1 : line_;
    return {layout_ == Layout::array ? number_ : lines, fed_ + bytes_.size()};
}

AssetSplitter::Step AssetSplitter::next(Record &record) {
    if (failed_) return Step::failed;
    if (!rest_of_line_.empty()) {
        record_offset_ = rest_offset_;
        return fill(std::exchange(rest_of_line_, {}), record);
    }
    if (carry_used_) {
        carry_.clear();
        carry_used_ = false;
    }
    if (layout_ == Layout::unknown)
        if (const auto step = find_layout()) return *step;
    if (layout_ == Layout::first_line)
        if (const auto step = take_first_line()) return *step;
    if (layout_ == Layout::behind_first_line)
        if (const auto step = judge_first_line(record)) return *step;
    if (layout_ == Layout::lines) return next_line(record);
    return layout_ == Layout::array ? next_element(record) : next_value(record);
}

// ---- which layout ---------------------------------------------------------------------------------------

std::optional<AssetSplitter::Step> AssetSplitter::find_layout() {
    for (; at_ < bytes_.size(); ++at_) {
        const char c = bytes_[at_];
        const std::uint64_t from_begin = offset() - begin_;
        if (from_begin < kByteOrderMark.size() && c == kByteOrderMark[from_begin]) continue;
        if (c == '\n') ++line_;
        if (blank(c)) continue;
        if (c == '[') {
            layout_ = Layout::array;
            ++at_;
            return std::nullopt;
        }
        if (c == '{') {
            layout_ = Layout::first_line;
            record_offset_ = offset();
            number_ = line_;
            return std::nullopt;
        }
        return fail(Code::invalid, fmt::format("the export from Hub is not JSON: it begins with {}", shown(c)));
    }
    return finished_ ? Step::end : Step::need_bytes;
}

/// Copies the first line, because its meaning may depend on bytes that have not come yet.
std::optional<AssetSplitter::Step> AssetSplitter::take_first_line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) {
        if (const auto step = carry_rest()) return *step;
        if (const auto step = no_bytes_left()) return *step;
    } else {
        carry_.append(bytes_.substr(at_, end - at_));
        at_ = end; // before the newline, which is counted below
    }
    first_line_ = carry_.size();
    layout_ = Layout::behind_first_line;
    return std::nullopt;
}

std::optional<AssetSplitter::Step> AssetSplitter::judge_first_line(Record &record) {
    // Scan the whole line again: its end is known only now.
    scan_.reset();
    std::size_t stop = 0;
    const std::string_view line = std::string_view(carry_).substr(0, first_line_);
    const auto found = scan_.run(line, std::numeric_limits<int>::max(), stop);
    bool one_a_line = found == BracketScan::Found::closed || scan_.in_string(); // a string cannot contain a line end
    if (!one_a_line) {
        const char last = line[line.find_last_not_of(" \t\r")];
        const std::size_t from = at_;
        while (at_ < bytes_.size() && blank(bytes_[at_])) ++at_;
        line_ += newlines(bytes_.substr(from, at_ - from));
        carry_.append(bytes_.substr(from, at_ - from)); // line is no longer valid
        if (carry_.size() > max_record_) return too_long();
        if (at_ == bytes_.size())
            if (const auto step = no_bytes_left()) return *step;
        // If the first record is cut off, the next record follows it. Indented text breaks its lines after an opening
        // bracket, a comma or a colon, and does not continue with a new object.
        const bool goes_on = last == '{' || last == '[' || last == ',' || last == ':';
        const bool at_end = at_ == bytes_.size();
        if (at_end && (goes_on || carry_.size() == first_line_)) return cut_off();
        one_a_line = at_end || (bytes_[at_] == '{' && !goes_on);
    } else if (at_ == bytes_.size() && finished_ && ends_inside()) {
        return cut_off();
    }
    if (!one_a_line) {
        layout_ = Layout::values;
        expect_ = Expect::rest_of_value;
        return std::nullopt;
    }
    layout_ = Layout::lines;
    carry_used_ = true;
    return fill(std::string_view(carry_).substr(0, first_line_), record);
}

// ---- one record a line ----------------------------------------------------------------------------------

AssetSplitter::Step AssetSplitter::next_line(Record &record) {
    for (;;) {
        const std::size_t rest = bytes_.size() - at_;
        const void *newline = rest > 0 ? std::memchr(bytes_.data() + at_, '\n', rest) : nullptr;
        if (!newline && !finished_) {
            if (carry_.empty()) record_offset_ = offset();
            if (const auto step = carry_rest()) return *step;
            return Step::need_bytes;
        }
        if (!newline && rest == 0 && carry_.empty()) return Step::end;
        const std::size_t end =
            newline ? static_cast<std::size_t>(static_cast<const char *>(newline) - bytes_.data()) : bytes_.size();
        if (carry_.empty()) record_offset_ = offset();
        number_ = line_;
        if (!newline && ends_inside()) return cut_off();
        const Step step = hand_over(end, record);
        if (newline) {
            ++at_;
            ++line_;
        }
        if (step == Step::failed || !record.json.empty()) return step;
        carry_.clear(); // a blank line
        carry_used_ = false;
    }
}

// ---- values over many lines -----------------------------------------------------------------------------

AssetSplitter::Step AssetSplitter::next_value(Record &record) {
    if (expect_ != Expect::rest_of_value) {
        skip_blanks();
        if (at_ == bytes_.size()) return no_bytes_left().value_or(Step::end);
        if (bytes_[at_] != '{') return unexpected("'{'");
        number_ = line_;
        record_offset_ = offset();
        scan_.reset();
        expect_ = Expect::rest_of_value;
    }
    const std::size_t from = at_;
    auto step = rest_of_value(record, std::numeric_limits<int>::max(), Expect::value);
    line_ += newlines(bytes_.substr(from, at_ - from));
    return step ? *step : cut_off();
}

// ---- one array ------------------------------------------------------------------------------------------

AssetSplitter::Step AssetSplitter::next_element(Record &record) {
    for (;;) {
        std::optional<Step> step;
        if (expect_ == Expect::rest_of_value) {
            step = rest_of_value(record, kMaxRecordDepth, Expect::comma_or_end);
        } else if (expect_ == Expect::rest_of_scalar) {
            step = rest_of_scalar(record);
        } else {
            skip_blanks();
            if (at_ < bytes_.size()) {
                step = element_begins();
                if (step) return *step;
                continue;
            }
            step = no_bytes_left();
            if (!step && expect_ == Expect::nothing) return Step::end;
        }
        if (step) return *step;
        return fail(Code::invalid,
                    fmt::format("the export from Hub is incomplete: it ends at byte {} inside of its JSON "
                                "array. Run the plugin again.",
                                offset()));
    }
}

/// One byte between elements, or the first one of an element.
std::optional<AssetSplitter::Step> AssetSplitter::element_begins() {
    const char c = bytes_[at_];
    switch (expect_) {
        case Expect::nothing: return unexpected("nothing behind the JSON array");
        case Expect::comma_or_end:
            if (c != ',' && c != ']') return unexpected("',' or ']'");
            expect_ = c == ',' ? Expect::value : Expect::nothing;
            ++at_;
            return std::nullopt;
        default: break;
    }
    if (c == ']' && expect_ == Expect::value_or_end) {
        expect_ = Expect::nothing;
        ++at_;
        return std::nullopt;
    }
    if (c == ']' || c == '}' || c == ',' || c == ':') return unexpected("an asset");
    ++number_;
    record_offset_ = offset();
    scan_.reset();
    scalar_ = Scalar::outside;
    expect_ = c == '{' || c == '[' ? Expect::rest_of_value : Expect::rest_of_scalar;
    return std::nullopt;
}

AssetSplitter::Scalar AssetSplitter::after(Scalar scalar, char c) {
    switch (scalar) {
        case Scalar::outside:
            return c == '"' ? Scalar::in_string : c == '\\' ? Scalar::escaped_outside : Scalar::outside;
        case Scalar::in_string: return c == '"' ? Scalar::outside : c == '\\' ? Scalar::escaped : Scalar::in_string;
        case Scalar::escaped_outside: return Scalar::outside;
        case Scalar::escaped: break;
    }
    return Scalar::in_string;
}

/// A number, a word or a string is no asset, but the module decides that.
std::optional<AssetSplitter::Step> AssetSplitter::rest_of_scalar(Record &record) {
    for (std::size_t end = at_; end < bytes_.size(); ++end) {
        const char c = bytes_[end];
        const bool in_string = scalar_ == Scalar::in_string || scalar_ == Scalar::escaped;
        if (!in_string && (blank(c) || c == ',' || c == ']')) {
            expect_ = Expect::comma_or_end;
            return hand_over(end, record);
        }
        scalar_ = after(scalar_, c);
    }
    if (const auto step = carry_rest()) return step;
    return no_bytes_left();
}

// ---- common ---------------------------------------------------------------------------------------------

std::optional<AssetSplitter::Step> AssetSplitter::rest_of_value(Record &record, int max_depth, Expect then) {
    std::size_t stop = 0;
    const auto found = scan_.run(bytes_.substr(at_), max_depth, stop);
    if (found == BracketScan::Found::too_deep)
        return fail(Code::limit, fmt::format("asset {} of the export is nested deeper than {} levels at byte {}",
                                             number_, max_depth, offset() + stop));
    if (found == BracketScan::Found::closed) {
        expect_ = then;
        return hand_over(at_ + stop, record);
    }
    if (const auto step = carry_rest()) return step;
    return no_bytes_left();
}

AssetSplitter::Step AssetSplitter::hand_over(std::size_t end, Record &record) {
    const std::string_view piece = bytes_.substr(at_, end - at_);
    at_ = end;
    if (carry_.empty()) return fill(piece, record);
    carry_.append(piece);
    carry_used_ = true;
    return fill(carry_, record);
}

AssetSplitter::Step AssetSplitter::fill(std::string_view json, Record &record) {
    std::uint64_t begin = record_offset_;
    const auto skip = [&json, &begin](std::size_t count) {
        json.remove_prefix(count);
        begin += count;
    };
    const auto skip_blanks_in_front = [&json, &skip] {
        std::size_t blanks = 0;
        while (blanks < json.size() && blank(json[blanks])) ++blanks;
        skip(blanks);
    };
    skip_blanks_in_front();
    // Files that were joined to one have the byte order mark of each.
    if (layout_ == Layout::lines && json.starts_with(kByteOrderMark)) {
        skip(kByteOrderMark.size());
        skip_blanks_in_front();
    }
    while (!json.empty() && blank(json.back())) json.remove_suffix(1);
    if (json.size() > max_record_) return too_long();
    // The depth of objects and lists in an array was checked while they were scanned.
    const bool counted = layout_ == Layout::array && (json.starts_with('{') || json.starts_with('['));
    if (layout_ == Layout::lines && json.starts_with('{'))
        json = first_of_line(json, begin);
    else if (!counted)
        json = json.substr(0, find_too_deep(json, kMaxRecordDepth));
    record.json = json;
    record.number = number_;
    record.offset = begin;
    record.in_array = layout_ == Layout::array;
    return Step::record;
}

/// The first record of a line, cut off if it is too deep. Programs that write lines forget a line end, for instance where
/// two files are joined, or put a comma behind each record. Anything else behind the record makes the line a bad record.
std::string_view AssetSplitter::first_of_line(std::string_view line, std::uint64_t offset) {
    BracketScan scan;
    std::size_t end = 0;
    const auto found = scan.run(line, kMaxRecordDepth, end);
    if (found != BracketScan::Found::closed || end == line.size()) return line.substr(0, end);
    std::size_t rest = end;
    while (rest < line.size() && blank(line[rest])) ++rest;
    if (rest < line.size() && line[rest] == ',') ++rest;
    while (rest < line.size() && blank(line[rest])) ++rest;
    if (rest < line.size() && line[rest] != '{') return line.substr(0, find_too_deep(line, kMaxRecordDepth));
    rest_of_line_ = line.substr(rest);
    rest_offset_ = offset + rest;
    return line.substr(0, end);
}

std::optional<AssetSplitter::Step> AssetSplitter::carry_rest() {
    const std::string_view rest = bytes_.substr(at_);
    if (carry_.size() + rest.size() > max_record_) return too_long();
    carry_.append(rest);
    at_ = bytes_.size();
    return std::nullopt;
}

std::optional<AssetSplitter::Step> AssetSplitter::no_bytes_left() {
    if (finished_) return std::nullopt;
    return Step::need_bytes;
}

/// Whether the last line, which has no end, ends inside of an object or a list. It may hold several, with commas between them.
bool AssetSplitter::ends_inside() {
    bool inside = false;
    for (std::string_view piece : {std::string_view(carry_), bytes_.substr(at_)}) {
        for (std::size_t stop = 1; !piece.empty(); piece.remove_prefix(stop)) {
            const char c = piece.front();
            stop = 1;
            if (!inside && (blank(c) || c == ',')) continue;
            if (!inside && c != '{' && c != '[') return false; // no asset, whatever follows
            if (!inside) scan_.reset();
            inside = scan_.run(piece, std::numeric_limits<int>::max(), stop) != BracketScan::Found::closed;
        }
    }
    return inside;
}

/// The records behind the last one are missing too.
AssetSplitter::Step AssetSplitter::cut_off() {
    return fail(Code::invalid,
                fmt::format("the export from Hub is incomplete: it ends at byte {} inside of the record that "
                            "begins at byte {}. Run the plugin again.",
                            fed_ + bytes_.size(), record_offset_));
}

AssetSplitter::Step AssetSplitter::too_long() {
    return fail(Code::limit,
                fmt::format("the asset at byte {} of the export is longer than {} MB, which limits.asset_mb allows",
                            record_offset_, max_record_ >> 20));
}

void AssetSplitter::skip_blanks() {
    for (; at_ < bytes_.size() && blank(bytes_[at_]); ++at_)
        if (bytes_[at_] == '\n') ++line_;
}

AssetSplitter::Step AssetSplitter::unexpected(std::string_view expected) {
    return fail(Code::invalid, fmt::format("the export from Hub is damaged: {} at byte {} where {} should be",
                                           shown(bytes_[at_]), offset(), expected));
}

AssetSplitter::Step AssetSplitter::fail(Code code, std::string text) {
    failed_ = error(code, std::move(text));
    return Step::failed;
}

} // namespace angod::host
