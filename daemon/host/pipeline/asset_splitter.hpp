// An unzipped export taken apart into its records: bytes in, records out. Pure.
//
// Three layouts, told apart by the first bytes that are not blank: '[' begins an array; '{' begins records one
// a line (NDJSON), unless its line ends inside of the object as in text printed for people: then values follow
// one another over as many lines as they like. A byte order mark, CRLF, blank lines and a missing last newline
// are all fine; nothing at all is an export without assets.
//
// What a record holds is not checked, only where it ends and how deep it is nested, for module.h promises at
// most 64 levels. A deeper one is fatal in an array; as a record of its own it is handed over cut off in front
// of the bracket that opens level 65, which makes it invalid JSON: a bad record that concerns only itself.
#pragma once

#include "host/pipeline/bracket_scan.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod::host {

inline constexpr int kMaxRecordDepth = 64;

struct Record {
    std::string_view json;
    std::uint64_t number = 0; ///< from 1: line (blank ones counted) or element
    std::uint64_t offset = 0; ///< of its first byte in the export
    bool in_array = false;
};

class AssetSplitter {
public:
    /// max_record: bytes. A longer record is fatal.
    explicit AssetSplitter(std::uint64_t max_record) : max_record_(max_record) {}

    /// The bytes that follow, after next() has said need_bytes. They stay in place until it says so again.
    void feed(std::string_view bytes);
    /// Nothing follows.
    void finish() { finished_ = true; }

    enum class Step { record, need_bytes, end, failed };
    /// The record is valid until the next call. end and failed are final.
    Step next(Record &record);
    /// After failed; names the byte offset.
    const Error &failure() const { return *failed_; }

private:
    enum class Layout { unknown, first_line, behind_first_line, lines, values, array };
    enum class Expect { value, value_or_end, rest_of_value, rest_of_scalar, comma_or_end, nothing };

    std::optional<Step> find_layout();
    std::optional<Step> take_first_line();
    std::optional<Step> judge_first_line(Record &record);
    Step next_line(Record &record);
    Step next_value(Record &record);
    Step next_element(Record &record);
    std::optional<Step> element_begins();
    std::optional<Step> rest_of_scalar(Record &record);
    std::optional<Step> rest_of_value(Record &record, int max_depth, Expect then);

    /// The bytes up to `end`, behind what was carried over, are a whole record.
    Step hand_over(std::size_t end, Record &record);
    /// The rest of the bytes begins or continues a record that goes on in later ones.
    std::optional<Step> carry_rest();
    std::optional<Step> no_bytes_left(); ///< need_bytes, or nothing if none will come
    Step fill(std::string_view json, Record &record);
    Step fail(Code code, std::string text);
    Step too_long();
    Step unexpected(std::string_view expected);
    void skip_blanks();
    std::uint64_t offset() const { return fed_ + at_; }

    const std::uint64_t max_record_;
    std::string_view bytes_; ///< what was fed last
    std::size_t at_ = 0;     ///< how far it is used
    std::uint64_t fed_ = 0;  ///< bytes before bytes_
    bool finished_ = false;
    Layout layout_ = Layout::unknown;
    Expect expect_ = Expect::value_or_end;
    std::string carry_;          ///< the beginning of a record that began in earlier bytes
    bool carry_used_ = false;    ///< the last record was handed over from carry_
    std::size_t first_line_ = 0; ///< size of the first line in carry_
    BracketScan scan_;
    bool in_string_ = false, escaped_ = false;     ///< of a scalar in an array
    std::uint64_t line_ = 1;                       ///< of the next byte
    std::uint64_t number_ = 0, record_offset_ = 0; ///< of the record at hand
    std::optional<Error> failed_;
};

} // namespace angod::host
