// Precompiled for the unit tests beside daemon/base/pch.hpp.
#pragma once

#include <doctest/doctest.h>
