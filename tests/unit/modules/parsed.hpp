// JSON in tests: a parsed text whose values are found by path and compared as compact text.
#pragma once

#include "common/json.hpp"

#include <string>
#include <string_view>

/// A JSON text and its tree.
class Parsed {
public:
    explicit Parsed(std::string_view text) : root_(parser_.parse(text)) {}

    bool valid() const { return root_ != nullptr; }
    const ango::common::Json &root() const { return *root_; }

    /// The value at a path like "images/0/width"; null if there is none. An empty path is the whole.
    const ango::common::Json *at(std::string_view path) const;
    /// The compact text of the value, with the shortest exact form of each number; "" if there is none.
    std::string text(std::string_view path) const;
    /// These throw std::runtime_error if there is no number, or no list, at path.
    double number(std::string_view path) const;
    std::size_t size(std::string_view path) const;

private:
    ango::common::JsonParser parser_;
    const ango::common::Json *root_;
};
