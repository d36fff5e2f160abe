"""CloudFront Functions on an engine with no more features than AWS documents for their runtime.

The engine is njs, that of nginx: the syntax and the error types that AWS lists are those of njs. What njs has
beyond the built-in functions that AWS lists is taken away before a function runs.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
"""

import json
import subprocess
from collections.abc import Sequence
from typing import Any, NamedTuple

from tooling import programs

LISTED = {
    "globalThis": """
        globalThis NaN Infinity undefined isFinite isNaN parseFloat parseInt
        decodeURI decodeURIComponent encodeURI encodeURIComponent
        Object Array String Number Boolean Function RegExp Date Math JSON console
        Error EvalError InternalError MemoryError RangeError ReferenceError SyntaxError TypeError URIError""",
    "Object": """
        create defineProperties defineProperty freeze getOwnPropertyDescriptor getOwnPropertyNames
        getPrototypeOf isExtensible isFrozen isSealed keys preventExtensions seal""",
    "Object.prototype": "hasOwnProperty isPrototypeOf propertyIsEnumerable toString valueOf",
    "Array": "isArray",
    "Array.prototype": """
        concat every filter forEach indexOf join lastIndexOf map pop push reduce reduceRight reverse shift
        slice some sort splice unshift""",
    "String": "fromCharCode",
    "String.prototype": """
        charAt concat indexOf lastIndexOf match replace search slice split substr substring toLowerCase
        toUpperCase trim""",
    "RegExp.prototype": "exec global ignoreCase multiline source test toString",
    "console": "log",
}
"""The features of ECMAScript 5.1 that AWS lists. The list has newer ones, too: none of ours needs them."""

# What belongs to an object itself, without a name in AWS's list.
ALWAYS = ["constructor", "prototype", "length", "name", "__proto__"]

RESTRICTION = """
var builtInCalls = 0;
(function (listed, always) {
  function count(original) {
    return function () {
      builtInCalls += 1;
      return original.apply(this, arguments);
    };
  }
  var objects = {
    'Object': Object, 'Object.prototype': Object.prototype,
    'Array': Array, 'Array.prototype': Array.prototype,
    'String': String, 'String.prototype': String.prototype,
    'RegExp.prototype': RegExp.prototype, 'console': console, 'globalThis': globalThis
  };
  var names = Object.keys(listed);
  var own = names.map(function (name) { return Object.getOwnPropertyNames(objects[name]); });
  names.forEach(function (name, index) {
    own[index].forEach(function (key) {
      if (always.indexOf(key) === -1 && listed[name].indexOf(key) === -1) {
        delete objects[name][key];
      }
    });
  });
  // The last step, as it would count itself. Constructors stay what they are.
  var counted = [];
  names.forEach(function (name, index) {
    own[index].forEach(function (key) {
      var value = objects[name][key];
      if (name !== 'globalThis' && listed[name].indexOf(key) !== -1 && typeof value === 'function') {
        counted.push([objects[name], key, count(value)]);
      }
    });
  });
  for (var i = 0; i < counted.length; i++) {
    counted[i][0][counted[i][1]] = counted[i][2];
  }
})(LISTED, ALWAYS);
"""

RUN = """
;(function (events) {
  for (var i = 0; i < events.length; i++) {
    builtInCalls = 0;
    var answer = handler(events[i]);
    console.log(JSON.stringify([answer, builtInCalls]));
  }
})(JSON.parse(EVENTS));
"""


class Run(NamedTuple):
    """What a function answered to one event, and how many built-in functions it called."""

    answer: Any
    calls: int


class FunctionError(Exception):
    """The engine refused the code, or the code threw an error."""


def run_function(code: str, events: Sequence[object]) -> list[Run]:
    """The runs of a CloudFront Function, one after the other, for these events. Raises FunctionError."""
    listed = {name: features.split() for name, features in LISTED.items()}
    script = "\n".join(
        (
            RESTRICTION.replace("LISTED", json.dumps(listed)).replace("ALWAYS", json.dumps(ALWAYS)),
            code,
            RUN.replace("EVENTS", json.dumps(json.dumps(events))),
        )
    )
    # In its sandbox, njs has no files; in its safe mode, no code that is made from text.
    done = subprocess.run(
        [programs.require("njs"), "-q", "-s", "-u", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != len(events):
        raise FunctionError(done.stderr or done.stdout)
    return [Run(*json.loads(line)) for line in lines]
