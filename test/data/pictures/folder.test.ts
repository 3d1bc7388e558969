/** Where pictures and sounds lie, and what that says of them. */
import { describe, expect, test } from 'vitest'
import { asideWarnings, partLikeWarnings, placesOf } from '../../../src/data/pictures/folder.ts'

/** `label part` of each path; `left out` where its folder has no label. */
function placed(...paths: readonly string[]) {
  const { places, parts, asides } = placesOf(paths)
  const shown = places.map(({ label = '-', part, isAside }) => {
    return isAside ? 'left out' : part === undefined ? label : `${label} ${part}`
  })
  return { shown, parts, asides: asides.map(({ folder, files }) => `${folder} ${files}`) }
}

const none = { parts: [], asides: [] }
const trainTest = { parts: ['train', 'test'], asides: [] }

describe('folders', () => {
  test.each([
    ['are classes', ['set/cats/1', 'set/dogs/1'], ['cats', 'dogs'], none],
    ['within folders are classes by both', ['a/x/1', 'a/y/1', 'b/x/1'], ['a/x', 'a/y', 'b/x'], none],
    ['that all end alike are classes without that', ['cats/images/1', 'dogs/images/1'], ['cats', 'dogs'], none],
    ['of one name are no classes', ['set/img/1', 'set/img/2'], ['-', '-'], none],
    [
      'called by words are parts',
      ['d/training_set/cats/1', 'd/training_set/dogs/1', 'd/test_set/cats/1'],
      ['cats train', 'dogs train', 'cats test'],
      trainTest,
    ],
    [
      'with years are parts',
      ['train2017/cats/1', 'val2017/cats/1'],
      ['cats train', 'cats val'],
      { parts: ['train', 'val'], asides: [] },
    ],
    [
      'within others of the same name are parts',
      ['seg_train/seg_train/sea/1', 'seg_train/seg_train/ice/1', 'seg_test/seg_test/sea/1'],
      ['sea train', 'ice train', 'sea test'],
      trainTest,
    ],
    [
      'may lie in one that says nothing',
      ['train/images/cat/1', 'train/images/dog/1', 'test/images/cat/1'],
      ['cat train', 'dog train', 'cat test'],
      trainTest,
    ],
    [
      'may be in one that says nothing, each and all together',
      ['train/n1/images/1', 'train/n2/images/1', 'val/images/1'],
      ['n1 train', 'n2 train', 'left out'],
      { parts: [], asides: ['val 1'] },
    ],
    [
      'that say nothing are classes beside others',
      ['train/photo/1', 'train/sketch/1', 'test/photo/1'],
      ['photo train', 'sketch train', 'photo test'],
      trainTest,
    ],
    [
      'can be parts within the classes',
      ['cats/train/1', 'cats/test/1', 'dogs/train/1'],
      ['cats train', 'cats test', 'dogs train'],
      trainTest,
    ],
    ['of parts alone have no class', ['train/1', 'test/1'], ['- train', '- test'], trainTest],
    [
      'of a part without classes are left out',
      ['set/train/cats/1', 'set/train/dogs/1', 'set/test/1', 'set/test/2'],
      ['cats train', 'dogs train', 'left out', 'left out'],
      { parts: [], asides: ['set/test 2'] },
    ],
    [
      'beside parts that have no classes are left out',
      ['train_set/cats/1', 'train_set/dogs/1', 'test_set/cats/1', 'seg_pred/seg_pred/1'],
      ['cats train', 'dogs train', 'cats test', 'left out'],
      { parts: ['train', 'test'], asides: ['seg_pred 1'] },
    ],
    [
      'whose names begin with _ are left out',
      ['set/yes/1', 'set/no/1', 'set/_noise_/1', 'set/_noise_/2'],
      ['yes', 'no', 'left out', 'left out'],
      { parts: [], asides: ['set/_noise_ 2'] },
    ],
    ['that all begin with _ are classes', ['_a/1', '_b/1'], ['_a', '_b'], none],
    ['with one kind of part alone are classes', ['test_ill/1', 'test_well/1'], ['test_ill', 'test_well'], none],
    ['called train beside others are classes', ['bus/1', 'train/1'], ['bus', 'train'], none],
  ] as const)('%s', (_, paths, shown, rest) => {
    expect(placed(...paths)).toEqual({ shown, ...rest })
  })
})

test('what is left out is said with its number and reason', () => {
  const { asides } = placesOf(['s/train/a/1', 's/train/b/1', 's/test/1', 's/train/_x/1', 's/train/_x/2'])
  expect(asideWarnings(asides, 'picture').map(({ message }) => message)).toEqual([
    'The folder s/test holds no folders of classes, so its 1 picture has no label and is left out; a trained network can be asked about it.',
    'The folder s/train/_x is no class, since its name begins with _; its 2 pictures are left out. Rename it if it is one.',
  ])
})

test('classes that sound like parts are said', () => {
  expect(partLikeWarnings(['bus', 'car'])).toEqual([])
  expect(partLikeWarnings(['bus', 'train']).map(({ message }) => message)).toEqual([
    'Class train sounds like a part of the set rather than what is to be told apart. For parts choose a folder that holds nothing but train, test and the like, with a folder for each class in each of them.',
  ])
})
