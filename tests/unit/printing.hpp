// How doctest prints a Result. A test that checks one does not compile without it.
#pragma once

#include "base/result.hpp"

#include <doctest/doctest.h>

namespace doctest {
template <class T> struct StringMaker<boost::system::result<T, angod::Error>> {
    static String convert(const boost::system::result<T, angod::Error> &result) {
        return result ? "a value" : ("the error: " + result.error().text).c_str();
    }
};
} // namespace doctest
