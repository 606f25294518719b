// JSON in tests: parsed text with a path to look things up by, and values back as compact text to compare with.
#pragma once

#include "common/json.hpp"

#include <string>
#include <string_view>

/// A JSON text and its tree.
class Parsed {
public:
    explicit Parsed(std::string_view text) : root_(parser_.parse(text)) {}

    bool valid() const { return root_ != nullptr; }
    const ango::convert::Json &root() const { return *root_; }

    /// The value at a path like "images/0/width" (an empty path is the whole); null if there is none.
    const ango::convert::Json *at(std::string_view path) const;
    /// Its compact text, numbers as short as they are exact; "" if there is none.
    std::string text(std::string_view path) const;
    /// Both throw std::runtime_error if there is no number, or no list, at path.
    double number(std::string_view path) const;
    std::size_t size(std::string_view path) const;

private:
    ango::convert::JsonParser parser_;
    const ango::convert::Json *root_;
};
