// Splits an unzipped export into records: bytes in, records out. Pure.
//
// There are three layouts. The first bytes that are not blank tell which one it is: '[' begins an array; '{' begins one
// record in each line (NDJSON). If the first line ends inside the object, as in indented text, values follow one
// another over any number of lines. A byte order mark, CRLF, blank lines and a missing last newline are allowed; an
// empty text is an export without assets. In NDJSON a line may hold several records, a comma may follow a record, and a
// line may begin with a byte order mark. A text that ends inside of a record is incomplete, which is fatal: nobody knows
// what should follow. Only a bad record that has an end costs nothing but itself.
//
// The splitter does not check the content of a record. It finds only the end of the record and its depth, because
// module.h promises at most 64 levels. In an array a deeper record is fatal. In the other layouts the splitter cuts the
// record before the bracket that opens level 65. The cut record is invalid JSON, so the module reports only this record
// as bad.
#pragma once

#include "host/pipeline/bracket_scan.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod::host {

inline constexpr int kMaxRecordDepth = 64;

/// The parts of an export in front of the one at hand: a line or an element, and a byte, are counted over all of them.
struct PartsBefore {
    std::uint64_t numbers = 0; ///< lines and elements
    std::uint64_t bytes = 0;
};

struct Record {
    std::string_view json;
    std::uint64_t number = 0; ///< from 1: number of the line (blank lines count too) or of the element in the export
    std::uint64_t offset = 0; ///< of its first byte in the export
    bool in_array = false;
};

class AssetSplitter {
public:
    /// max_record: bytes. A longer record is fatal.
    explicit AssetSplitter(std::uint64_t max_record, const PartsBefore &before = {})
        : max_record_(max_record),
          begin_(before.bytes),
          fed_(before.bytes),
          line_(before.numbers + 1),
          number_(before.numbers) {}

    /// Passes the next bytes, after next() returned need_bytes. They must stay valid until next() returns it again.
    void feed(std::string_view bytes);
    /// No more bytes follow.
    void finish() { finished_ = true; }

    enum class Step { record, need_bytes, end, failed };
    /// The record is valid until the next call. end and failed are final.
    Step next(Record &record);
    /// The error after Step::failed; its text names the byte offset.
    const Error &failure() const { return *failed_; }
    /// After Step::end: what lies in front of the next part.
    PartsBefore passed() const;

private:
    enum class Layout { unknown, first_line, behind_first_line, lines, values, array };
    /// Where the next byte of a scalar in an array stands. `end`: a blank, ',' or ']'.
    ///
    ///                     '"'          '\\'                 end                   other byte
    ///   outside           → in_string  → escaped_outside   the element ends      stays
    ///   escaped_outside   → outside    → outside           the element ends      → outside
    ///   in_string         → outside    → escaped           stays                 stays
    ///   escaped           → in_string  → in_string         → in_string           → in_string
    enum class Scalar { outside, escaped_outside, in_string, escaped };
    enum class Expect { value, value_or_end, rest_of_value, rest_of_scalar, comma_or_end, nothing };

    static Scalar after(Scalar scalar, char c);
    std::optional<Step> find_layout();
    std::optional<Step> take_first_line();
    std::optional<Step> judge_first_line(Record &record);
    Step next_line(Record &record);
    Step next_value(Record &record);
    Step next_element(Record &record);
    std::optional<Step> element_begins();
    std::optional<Step> rest_of_scalar(Record &record);
    std::optional<Step> rest_of_value(Record &record, int max_depth, Expect then);

    /// The carried bytes and the bytes up to `end` are a complete record.
    Step hand_over(std::size_t end, Record &record);
    /// Carries the rest of the bytes over: they are part of a record that continues in later bytes.
    std::optional<Step> carry_rest();
    std::optional<Step> no_bytes_left(); ///< need_bytes, or nothing after finish()
    Step fill(std::string_view json, Record &record);
    std::string_view first_of_line(std::string_view line, std::uint64_t offset);
    Step fail(Code code, std::string text);
    Step too_long();
    Step cut_off();
    bool ends_inside();
    Step unexpected(std::string_view expected);
    void skip_blanks();
    std::uint64_t offset() const { return fed_ + at_; }

    const std::uint64_t max_record_;
    const std::uint64_t begin_; ///< offset of the first byte
    std::string_view bytes_;    ///< passed to the last feed()
    std::size_t at_ = 0;        ///< bytes of bytes_ that are used
    std::uint64_t fed_;         ///< offset of bytes_
    char last_byte_ = '\n';     ///< of the bytes that came; a line end: no line is open
    bool finished_ = false;
    Layout layout_ = Layout::unknown;
    Expect expect_ = Expect::value_or_end;
    std::string carry_;             ///< the begin of a record that started in earlier bytes
    bool carry_used_ = false;       ///< the last record was handed over from carry_
    std::size_t first_line_ = 0;    ///< size of the first line in carry_
    std::string_view rest_of_line_; ///< further records of the line, in bytes_ or carry_
    std::uint64_t rest_offset_ = 0;
    BracketScan scan_;
    Scalar scalar_ = Scalar::outside;
    std::uint64_t line_;                       ///< of the next byte
    std::uint64_t number_, record_offset_ = 0; ///< of the record at hand
    std::optional<Error> failed_;
};

} // namespace angod::host
